package io.sessionize.trial;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.sessionize.event.Decoded;
import io.sessionize.event.Decoded.Reason;
import io.sessionize.event.Decoded.Rejected;
import io.sessionize.event.Decoded.Valid;
import io.sessionize.event.KafkaRecord;
import io.sessionize.event.PropertyMapping;
import io.sessionize.event.RecordDecoder;
import io.sessionize.event.RecordFormat;
import io.sessionize.event.TopicDefinition;
import io.sessionize.session.PropertyType;
import io.sessionize.trial.TriedTopic.Rejection;
import io.sessionize.trial.TriedTopic.Unfit;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Collects what becomes of the records of one topic. */
final class TopicTrial {
  /** Characters of an example. */
  private static final int EXAMPLE = 200;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final String name;
  private final TopicDefinition topic;
  private final RecordFormat format;
  private final JsonPointer elements;
  private final Map<String, JsonPointer> properties = new TreeMap<>();
  private final UnusedFields unused;
  private final List<Valid> valid = new ArrayList<>();
  private final Map<Reason, Rejection> rejected = new EnumMap<>(Reason.class);
  private final Map<Valid, List<Unfit>> unfit = new IdentityHashMap<>();
  private long records;

  TopicTrial(String name, TopicDefinition topic, RecordFormat format) {
    this.name = name;
    this.topic = topic;
    this.format = format;
    this.elements = topic.records() == null ? null : JsonPointer.compile(topic.records());
    topic
        .properties()
        .forEach((key, mapping) -> properties.put(key, JsonPointer.compile(mapping.at().at())));
    this.unused = new UnusedFields(topic);
  }

  String name() {
    return name;
  }

  /** Returns the valid events, in the order of their records. */
  List<Valid> valid() {
    return valid;
  }

  void add(KafkaRecord record, String place, RecordDecoder decoder) {
    records++;
    JsonNode tree = tree(record.value());
    JsonNode batch = elements == null ? MissingNode.getInstance() : tree.at(elements);
    unused.add(tree, batch);
    List<Decoded> results = new ArrayList<>();
    decoder.decode(record, results::add);
    for (int i = 0; i < results.size(); i++) {
      String part = elements == null ? place : place + ", element " + i;
      if (results.get(i) instanceof Valid event) {
        valid.add(event);
        if (event.unfit() > 0) {
          unfit.put(event, unfit(event, elements == null ? tree : batch.path(i), tree, part));
        }
      } else if (results.get(i) instanceof Rejected rejection) {
        boolean whole = rejection.element() == null;
        addRejected(rejection, whole ? place : part, whole ? record.value() : rejection.element());
      }
    }
  }

  /**
   * Returns what became of the records.
   *
   * @param kept events that the filter keeps
   * @param distinct how many of them are no copies
   */
  TriedTopic result(List<Valid> kept, int distinct) {
    Map<String, Unfit> unfitOfKept = new TreeMap<>();
    for (Valid event : kept) {
      for (Unfit one : unfit.getOrDefault(event, List.of())) {
        unfitOfKept.merge(
            one.property(),
            one,
            (first, more) ->
                new Unfit(
                    first.property(),
                    first.type(),
                    first.count() + 1,
                    first.place(),
                    first.value()));
      }
    }
    return new TriedTopic(
        name,
        records,
        distinct,
        kept.size() - distinct,
        valid.size() - kept.size(),
        rejected.values().stream()
            .sorted(Comparator.comparingLong(Rejection::count).reversed())
            .toList(),
        unfitOfKept.values().stream()
            .sorted(Comparator.comparingLong(Unfit::count).reversed())
            .toList(),
        unused.list());
  }

  private void addRejected(Rejected rejection, String place, byte[] value) {
    rejected.merge(
        rejection.reason(),
        new Rejection(rejection.reason(), 1, place, rejection.detail(), text(value)),
        (first, more) ->
            new Rejection(
                first.reason(), first.count() + 1, first.place(), first.detail(), first.value()));
  }

  /** Finds the properties whose value is there but did not become one of the event. */
  private List<Unfit> unfit(Valid event, JsonNode element, JsonNode record, String place) {
    List<Unfit> found = new ArrayList<>();
    properties.forEach(
        (property, pointer) -> {
          PropertyMapping mapping = topic.properties().get(property);
          JsonNode value = (mapping.at().inRecord() ? record : element).at(pointer);
          boolean isString = mapping.type().kind() == PropertyType.Kind.STRING;
          boolean isBlank = !isString && value.isTextual() && value.textValue().isBlank();
          boolean isThere = !value.isMissingNode() && !value.isNull() && !isBlank;
          if (isThere && event.event().property(property) == null) {
            found.add(new Unfit(property, mapping.type(), 1, place, brief(value.toString())));
          }
        });
    return found;
  }

  /** Returns a record as a tree; a missing node if it cannot be read. */
  private JsonNode tree(byte[] value) {
    if (value == null) {
      return MissingNode.getInstance();
    }
    try (JsonParser json = format.open(value)) {
      JsonNode tree = JSON.readTree(json);
      return tree == null ? MissingNode.getInstance() : tree;
    } catch (IOException e) {
      return MissingNode.getInstance();
    }
  }

  private static String text(byte[] value) {
    return value == null
        ? null
        : brief(
            new String(
                value, 0, Math.min(value.length, 4 * (EXAMPLE + 1)), StandardCharsets.UTF_8));
  }

  /** Cuts a text to the length of an example. */
  static String brief(String text) {
    return text.codePointCount(0, text.length()) <= EXAMPLE
        ? text
        : text.substring(0, text.offsetByCodePoints(0, EXAMPLE - 3)) + "...";
  }
}
