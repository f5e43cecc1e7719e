package io.sessionize.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Writes rows as JSON, column by column. Days and pages repeat a thousand times. So each text of a
 * column is written once, in {@code texts}, and {@code rows} holds its index: a tenth of the size.
 */
final class Columns {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Columns() {}

  /** Collects all rows of a query, which must be an aggregate or have a limit. Runs a Spark job. */
  static ObjectNode of(Dataset<Row> rows) {
    List<JsonNode> objects = new ArrayList<>();
    for (String line : rows.toJSON().collectAsList()) {
      objects.add(read(line));
    }
    return of(Arrays.asList(rows.columns()), objects);
  }

  /** Converts rows that are JSON objects. A missing member becomes null. */
  static ObjectNode of(List<String> names, List<? extends JsonNode> rows) {
    ObjectNode columns = JSON.createObjectNode();
    for (String name : names) {
      columns.set(name, column(rows.stream().map(row -> value(row, name)).toList()));
    }
    return columns;
  }

  private static JsonNode value(JsonNode row, String name) {
    JsonNode value = row.get(name);
    return value == null ? NullNode.instance : value;
  }

  private static JsonNode column(List<JsonNode> values) {
    ArrayNode rows = JSON.createArrayNode();
    if (values.stream().noneMatch(JsonNode::isTextual)) {
      return rows.addAll(values);
    }
    Map<String, Integer> texts = new LinkedHashMap<>();
    for (JsonNode value : values) {
      if (value.isNull()) {
        rows.addNull();
      } else {
        rows.add(texts.computeIfAbsent(value.textValue(), text -> texts.size()));
      }
    }
    ObjectNode column = JSON.createObjectNode();
    texts.keySet().forEach(column.putArray("texts")::add);
    column.set("rows", rows);
    return column;
  }

  private static JsonNode read(String line) {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
