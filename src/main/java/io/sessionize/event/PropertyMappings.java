package io.sessionize.event;

import static io.sessionize.event.DefinitionKey.*;

import io.sessionize.event.DefinitionKey.Section;
import io.sessionize.event.TopicDefinition.Place;
import io.sessionize.event.TopicDefinition.TimeFormat;
import io.sessionize.session.PropertyType;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads properties from a definition file. */
final class PropertyMappings {
  /** The columns of an event and of a decoded row that are no properties, in lower case. */
  static final Set<String> OWN_COLUMNS =
      Set.of(
          "uuid",
          "event_id",
          "event_timestamp",
          "event_time_ms",
          "order",
          "page_name",
          "booking_details",
          "event_details",
          "event_name",
          "event_type",
          "event_value",
          "definition",
          "partition",
          "record_time_ms",
          "rejected");

  private PropertyMappings() {}

  static SortedMap<String, PropertyMapping> of(Map<String, DefinitionNode> nodes, Places places) {
    SortedMap<String, PropertyMapping> mappings = new TreeMap<>();
    nodes.forEach(
        (name, node) -> {
          if (!name.matches("[A-Za-z_][A-Za-z0-9_]{0,254}")) {
            throw node.failure("is no name of a column: use letters, digits and _");
          }
          if (OWN_COLUMNS.contains(name.toLowerCase(Locale.ROOT))) {
            throw node.failure("is a column that each event has: use another name");
          }
          mappings.put(name, mapping(node, places));
        });
    return mappings;
  }

  private static PropertyMapping mapping(DefinitionNode node, Places places) {
    if (!node.isMapping()) {
      return new PropertyMapping(places.place(node, node, null), PropertyType.STRING, null);
    }
    Map<DefinitionKey, DefinitionNode> keys = node.keys(Section.PROPERTY);
    Place at = places.place(node, keys.get(PROPERTY_AT), keys.get(PROPERTY_IN));
    PropertyType type = type(keys.get(PROPERTY_AS));
    if (type.kind() == PropertyType.Kind.TIMESTAMP) {
      List<TimeFormat> formats = Places.timeFormats(keys.get(PROPERTY_FORMAT), TimeFormat.ISO8601);
      return new PropertyMapping(at, type, formats);
    }
    if (keys.containsKey(PROPERTY_FORMAT)) {
      throw keys.get(PROPERTY_FORMAT).failure("is only for a timestamp: leave it out");
    }
    return new PropertyMapping(at, type, null);
  }

  private static PropertyType type(DefinitionNode node) {
    if (node == null) {
      return PropertyType.STRING;
    }
    try {
      return PropertyType.parse(node.text());
    } catch (IllegalArgumentException e) {
      throw node.badValue(
          "give string, long, double, boolean, timestamp or decimal(p,s) with 1 <= p <= 38 and s <= p");
    }
  }

  /** Checks that a column is the same in all topics. Spark ignores the case of its name. */
  static void checkSameTypes(DefinitionNode node, SortedMap<String, TopicDefinition> topics) {
    Map<String, String> known = new HashMap<>();
    topics.forEach(
        (topic, definition) ->
            definition
                .properties()
                .forEach(
                    (name, mapping) -> {
                      String column = name + " " + mapping.type().text();
                      String other = known.putIfAbsent(name.toLowerCase(Locale.ROOT), column);
                      if (other != null && !other.equals(column)) {
                        throw node.failure(
                            "property %s in topic %s is %s elsewhere: use one name and type, or"
                                + " another name",
                            column, topic, other);
                      }
                    }));
  }
}
