package io.sessionize.testing;

import io.sessionize.event.Definition;
import io.sessionize.event.PropertyMapping;
import io.sessionize.event.TopicDefinition;
import io.sessionize.event.TopicDefinition.Place;
import io.sessionize.session.Property;
import io.sessionize.session.PropertyType;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The built-in definition with properties. */
public final class TestDefinitions {
  private TestDefinitions() {}

  /** The built-in mapping for several topics. */
  public static Definition ofTopics(List<String> names) {
    return Definition.builtIn(Set.copyOf(names));
  }

  /** With texts, each in the field of its name. */
  public static Definition withTexts(String topic, String... names) {
    List<Property> properties = new ArrayList<>();
    for (String name : names) {
      properties.add(new Property(name, PropertyType.STRING));
    }
    return with(topic, properties.toArray(Property[]::new));
  }

  /** With these properties, each in the field of its name. */
  public static Definition with(String topic, Property... properties) {
    TreeMap<String, PropertyMapping> mappings = new TreeMap<>();
    for (Property property : properties) {
      mappings.put(
          property.name(),
          new PropertyMapping(new Place("/" + property.name(), false), property.type(), null));
    }
    TopicDefinition builtIn = Definition.builtIn(topic).topics().get(topic);
    TreeMap<String, TopicDefinition> topics = new TreeMap<>();
    topics.put(
        topic,
        new TopicDefinition(
            builtIn.format(),
            builtIn.registry(),
            builtIn.records(),
            builtIn.where(),
            builtIn.event(),
            mappings,
            builtIn.schema()));
    return new Definition(1, topics, new TreeSet<>(Definition.builtIn(topic).placeholders()));
  }
}
