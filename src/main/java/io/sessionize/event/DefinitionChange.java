package io.sessionize.event;

import com.fasterxml.jackson.databind.node.TextNode;
import io.sessionize.Failure;
import io.sessionize.event.TopicDefinition.EventMapping;
import io.sessionize.session.Property;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A definition that is given for tables with other definitions: whether they can take it in.
 *
 * <p>They take in properties that are added, removed or found at another place, a wider type, other
 * places of the page and of the details if the topic has no {@code where}, and another registry.
 * All that decides whether a record is an event, and which, must stay. Topics that are added or
 * removed are the business of the run, which reads them.
 */
final class DefinitionChange {
  private static final String WAYS_OUT =
      "Restore it, or give another --iceberg-table, and backfill the topic into it.";

  private final Definitions recorded;
  private final Definition given;
  private final boolean hasRead;

  /**
   * @param recorded by the tables, for their topics
   * @param given a definition with the names of its topics
   * @param hasRead whether the tables have read any record. Until then, anything may change.
   */
  DefinitionChange(Definitions recorded, Definition given, boolean hasRead) {
    this.recorded = recorded;
    this.given = given;
    this.hasRead = hasRead;
  }

  /**
   * Whether the given definition is to be taken in.
   *
   * @return false, if it is in use already
   * @throws Failure of usage, if it cannot be taken in
   */
  boolean isNewer() {
    if (given.equals(recorded.inUse())) {
      return false;
    }
    if (hasRead) {
      requireNotOlder();
      requireTopic();
      requireSameEvents();
    }
    requireColumns();
    return true;
  }

  /** A definition may come back if a topic was added or dropped since. */
  private void requireNotOlder() {
    if (!given.topics().keySet().equals(recorded.inUse().topics().keySet())) {
      return;
    }
    recorded
        .taken()
        .forEach(
            (number, one) -> {
              if (one.equals(given)) {
                throw Failure.usage(
                    "--definition is definition %d of the tables, and they have taken in definition %d since: give the"
                        + " newer file, or omit the option.",
                    number, recorded.number());
              }
            });
  }

  /** The name of a single topic is not recorded: see {@link Definition#boundTo}. */
  private void requireTopic() {
    Set<String> topics = recorded.inUse().topics().keySet();
    if (Collections.disjoint(given.topics().keySet(), topics)) {
      throw Failure.usage(
          "--definition has the topics %s, and none of the recorded definition, %s: --kafka-topic gives the only topic"
              + " of a file another name. For other topics alone, give another --iceberg-table.",
          String.join(", ", given.topics().keySet()), String.join(", ", topics));
    }
  }

  private void requireSameEvents() {
    if (!given.placeholders().equals(recorded.inUse().placeholders())) {
      throw Failure.usage(
          "--definition changes the placeholders, which decide whether a record is an event. Give placeholders: [%s],"
              + " or give another --iceberg-table, and backfill the topic into it.",
          recorded.inUse().placeholders().stream()
              .map(text -> TextNode.valueOf(text).toString())
              .collect(Collectors.joining(", ")));
    }
    given
        .topics()
        .forEach(
            (topic, mapping) ->
                lastOf(topic).ifPresent(before -> requireSameEvents(topic, before, mapping)));
  }

  /** The newest recorded mapping of a topic, which later definitions may have dropped. */
  private Optional<TopicDefinition> lastOf(String topic) {
    List<Definition> all = new ArrayList<>(recorded.taken().values());
    for (int i = all.size() - 1; i >= 0; i--) {
      TopicDefinition mapping = all.get(i).topics().get(topic);
      if (mapping != null) {
        return Optional.of(mapping);
      }
    }
    return Optional.empty();
  }

  private static void requireSameEvents(String topic, TopicDefinition before, TopicDefinition now) {
    Map<String, Object> from = identity(before, before.where());
    Map<String, Object> to = identity(now, before.where());
    List<String> changed =
        Stream.concat(from.keySet().stream(), to.keySet().stream())
            .distinct()
            .filter(key -> !Objects.equals(from.get(key), to.get(key)))
            .toList();
    if (!changed.isEmpty()) {
      throw Failure.usage(
          "--definition changes %s of topic %s, which decides what an event is. " + WAYS_OUT,
          String.join(", ", changed),
          topic);
    }
  }

  /**
   * All that decides whether a record is an event, and which, by the keys of the file.
   *
   * @param where the condition whose columns decide; may be null
   */
  private static Map<String, Object> identity(TopicDefinition topic, String where) {
    EventMapping event = topic.event();
    Map<String, Object> identity = new LinkedHashMap<>();
    identity.put("format", topic.format());
    identity.put("schema", topic.schema());
    identity.put("records", topic.records());
    identity.put("where", topic.where());
    identity.put("uuid", event.uuid());
    identity.put("event_id", event.eventId());
    identity.put("event_timestamp", event.time());
    identity.put("order", event.order());
    if (where != null) {
      identity.put("page_name", event.pageName());
      identity.put("booking_details", event.bookingDetails());
      identity.put("event_details", event.details());
      identity.put("event_name", event.eventName());
      identity.put("event_type", event.eventType());
      identity.put("event_value", event.eventValue());
      topic
          .properties()
          .forEach(
              (name, mapping) -> {
                if (hasWord(where, name)) {
                  identity.put(name, mapping);
                }
              });
    }
    return identity;
  }

  private static boolean hasWord(String where, String name) {
    return Pattern.compile("\\b" + name + "\\b", Pattern.CASE_INSENSITIVE).matcher(where).find();
  }

  private void requireColumns() {
    Set<String> names = new HashSet<>(PropertyMappings.OWN_COLUMNS);
    for (Property property : given.properties()) {
      if (!names.add(property.name().toLowerCase(Locale.ROOT))) {
        throw Failure.usage(
            "Property %s of --definition has the name of another column, possibly in another case: give it another"
                + " name.",
            property.name());
      }
      requireColumn(property);
    }
  }

  private void requireColumn(Property property) {
    for (Property column : recorded.properties()) {
      boolean isSame = column.name().equals(property.name());
      if (!isSame && column.name().equalsIgnoreCase(property.name())) {
        throw Failure.usage(
            "Property %s of --definition has the name of column %s in another case: give it this or another name.",
            property.name(), column.name());
      }
      if (isSame && !column.type().widensTo(property.type())) {
        throw Failure.usage(
            "Property %s of --definition is %s, but its column is %s, which cannot become that: give the property"
                + " another name.",
            property.name(), property.type().text(), column.type().text());
      }
    }
  }
}
