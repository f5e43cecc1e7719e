package io.sessionize.column.web;

import io.sessionize.session.Event;
import io.sessionize.session.Properties;
import io.sessionize.session.Property;
import io.sessionize.session.PropertyType;
import io.sessionize.session.PropertyType.Kind;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Where the events of the tables have the properties that the set reads. A property of a type that
 * does not serve counts as missing. An empty text is no value.
 */
final class Inputs {
  private static final Set<Kind> TEXTS = EnumSet.of(Kind.STRING, Kind.LONG);
  private static final Set<Kind> NUMBERS = EnumSet.of(Kind.LONG, Kind.DOUBLE, Kind.DECIMAL);
  private static final int MISSING = -1;

  private final int[] positions = new int[Input.values().length];
  private final PropertyType[] types = new PropertyType[Input.values().length];

  /**
   * @param properties that the events of the tables have, in their order
   * @param used names of those that the set may use
   */
  Inputs(List<Property> properties, Collection<String> used) {
    for (Input input : Input.values()) {
      positions[input.ordinal()] = MISSING;
      Set<Kind> kinds = input == Input.REVENUE ? NUMBERS : TEXTS;
      for (int i = 0; i < properties.size() && used.contains(input.text()); i++) {
        PropertyType type = properties.get(i).type();
        if (properties.get(i).name().equals(input.text()) && kinds.contains(type.kind())) {
          positions[input.ordinal()] = i;
          types[input.ordinal()] = type;
        }
      }
    }
  }

  /** All properties, each of which the set may use. */
  static Inputs of(List<Property> properties) {
    return new Inputs(properties, properties.stream().map(Property::name).toList());
  }

  boolean has(Input input) {
    return positions[input.ordinal()] != MISSING;
  }

  /** Whether the events can say what has led to the site. */
  boolean hasTouches() {
    return has(Input.URL) || has(Input.REFERRER) || WebSql.CAMPAIGN.stream().anyMatch(this::has);
  }

  /** Returns a text of an event; null if the event has none, or an empty one. */
  String text(Event event, Input input) {
    Object value = value(event, input);
    if (value == null) {
      return null;
    }
    String text = value.toString();
    return text.isEmpty() ? null : text;
  }

  /** Returns a number of an event; null if the event has none. */
  Double number(Event event, Input input) {
    Object value = value(event, input);
    if (value == null) {
      return null;
    }
    return value instanceof BigDecimal decimal
        ? decimal.doubleValue()
        : ((Number) value).doubleValue();
  }

  private Object value(Event event, Input input) {
    Properties values = event.properties();
    int position = positions[input.ordinal()];
    return values == null || position == MISSING ? null : values.get(position);
  }

  /** Returns {@link #text} in SQL. */
  String textSql(Input input, String event) {
    if (!has(input)) {
      return "CAST(NULL AS STRING)";
    }
    String column = event + "." + input.text();
    return types[input.ordinal()].kind() == Kind.STRING
        ? "nullif(" + column + ", '')"
        : "CAST(" + column + " AS STRING)";
  }

  /** Returns {@link #number} in SQL. */
  String numberSql(Input input, String event) {
    return "CAST(" + event + "." + input.text() + " AS DOUBLE)";
  }
}
