package io.sessionize.trial;

import com.fasterxml.jackson.databind.JsonNode;
import io.sessionize.event.TopicDefinition;
import io.sessionize.trial.TriedTopic.UnusedField;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Collects the fields of records that a definition does not map. */
final class UnusedFields {
  /** A hostile topic has a new name in each record. */
  private static final int MOST = 10_000;

  private static final Comparator<UnusedField> MOST_FREQUENT_FIRST =
      Comparator.comparingLong(UnusedField::count)
          .reversed()
          .thenComparing(UnusedField::inRecord)
          .thenComparing(UnusedField::at);

  private final MappedPlaces ofRecord;
  private final MappedPlaces ofElement;
  private final Node recordFields = new Node();
  private final Node elementFields = new Node();
  private int size;

  UnusedFields(TopicDefinition topic) {
    ofRecord = MappedPlaces.ofRecord(topic);
    ofElement = MappedPlaces.ofElement(topic);
  }

  /**
   * Adds the fields of a record.
   *
   * @param batch the array of its events; a missing node if the record is one event
   */
  void add(JsonNode record, JsonNode batch) {
    add(record, recordFields, ofRecord);
    for (JsonNode element : batch) {
      add(element, elementFields, ofElement);
    }
  }

  /** Returns the fields, the most frequent first. */
  List<UnusedField> list() {
    List<UnusedField> fields = new ArrayList<>();
    // With batches, a pointer of a definition starts at the element.
    recordFields.list("", ofElement != null, fields);
    elementFields.list("", false, fields);
    fields.sort(MOST_FREQUENT_FIRST);
    return fields;
  }

  /**
   * @param mapped the places that are mapped here and below; null for none
   */
  private void add(JsonNode value, Node node, MappedPlaces mapped) {
    if (node == null || value.isNull() || value.isMissingNode()) {
      return;
    }
    if (mapped != null && mapped.isMapped()) {
      return;
    }
    if (value.isObject() && !value.isEmpty()) {
      value
          .fields()
          .forEachRemaining(
              field ->
                  add(
                      field.getValue(),
                      child(node, field.getKey()),
                      mapped == null ? null : mapped.child(field.getKey())));
    } else if (value.isArray() && !value.isEmpty()) {
      for (int i = 0; i < value.size(); i++) {
        add(
            value.get(i),
            child(node, "*"),
            mapped == null ? null : mapped.child(Integer.toString(i)));
      }
    } else {
      node.add(value);
    }
  }

  /** Returns the node of a field; null if there are too many. */
  private Node child(Node node, String name) {
    Node child = node.children.get(name);
    if (child == null && size < MOST) {
      size++;
      child = new Node();
      node.children.put(name, child);
    }
    return child;
  }

  private static final class Node {
    private final Map<String, Node> children = new LinkedHashMap<>();
    private long count;
    private String example;

    void add(JsonNode value) {
      if (count++ == 0) {
        example = TopicTrial.brief(value.toString());
      }
    }

    void list(String at, boolean inRecord, List<UnusedField> fields) {
      if (count > 0) {
        fields.add(new UnusedField(at, inRecord, count, example));
      }
      children.forEach(
          (name, child) ->
              child.list(at + "/" + name.replace("~", "~0").replace("/", "~1"), inRecord, fields));
    }
  }
}
