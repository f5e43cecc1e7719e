package io.sessionize.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sessionize.Failure;
import io.sessionize.event.TopicDefinition.Format;
import io.sessionize.event.TopicDefinition.Place;
import io.sessionize.session.Property;
import io.sessionize.session.PropertyType;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class DefinitionTest {
  @Test
  void itsTextIsReadBackAsTheSameDefinition() {
    Definition definition = withPrice("decimal(10,2)");
    assertEquals(definition, Definition.parse(definition.text()));
    assertEquals(definition.hash(), Definition.parse(definition.text()).hash());
    assertEquals(
        List.of(new Property("price", PropertyType.decimal(10, 2))), definition.properties());
  }

  @Test
  void otherTextsHaveOtherHashes() {
    assertNotEquals(withPrice("decimal(10,2)").hash(), withPrice("double").hash());
    assertNotEquals(
        Definition.builtIn("clicks").hash(), Definition.builtIn("clicks").ofTopic("taps").hash());
  }

  @Test
  void aTextOfAnotherVersionIsRefused() {
    Failure refused =
        assertThrows(
            Failure.class, () -> Definition.parse("{\"version\":1,\"topics\":{},\"news\":1}"));
    assertEquals(Failure.Kind.USAGE, refused.kind());
  }

  private static Definition withPrice(String type) {
    Definition builtIn = Definition.builtIn("clicks");
    TopicDefinition topic = builtIn.topics().get("clicks");
    TreeMap<String, PropertyMapping> properties = new TreeMap<>();
    properties.put(
        "price", new PropertyMapping(new Place("/price", false), PropertyType.parse(type), null));
    TreeMap<String, TopicDefinition> topics = new TreeMap<>();
    topics.put(
        "clicks",
        new TopicDefinition(
            Format.AVRO, "http://registry", null, null, topic.event(), properties, "\"string\""));
    return new Definition(1, topics, builtIn.placeholders());
  }
}
