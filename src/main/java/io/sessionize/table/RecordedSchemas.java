package io.sessionize.table;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sessionize.Failure;
import io.sessionize.event.registry.RegisteredSchema;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.iceberg.Table;
import org.apache.iceberg.UpdateProperties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The schemas of registries with which records were decoded, in the properties of the sessions
 * table: {@code sessionize.schema.ID.REGISTRY} is an object of {@code recorded_at} and {@code
 * schema}. So a replay does not depend on the registry. Properties survive compaction, expiry and
 * rollback, and other engines keep them.
 */
final class RecordedSchemas {
  private static final Logger LOG = LoggerFactory.getLogger(RecordedSchemas.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PREFIX = "sessionize.schema.";
  private static final String RECORDED_AT = "recorded_at";
  private static final String SCHEMA = "schema";

  /** Each metadata file holds all of them, and each commit writes one. */
  private static final long MOST_CHARACTERS = 4_000_000;

  private RecordedSchemas() {}

  /**
   * Returns the schemas that were recorded by a time.
   *
   * @param by null for all
   * @throws Failure broken, if a property is damaged
   */
  static List<RegisteredSchema> in(Table table, Instant by) {
    List<RegisteredSchema> recorded = new ArrayList<>();
    properties(table)
        .forEach(
            (name, value) -> {
              JsonNode json = read(name, value);
              Instant at = recordedAt(name, json);
              if (by == null || !at.isAfter(by)) {
                int dot = name.indexOf('.', PREFIX.length());
                recorded.add(
                    new RegisteredSchema(
                        name.substring(dot + 1),
                        id(name, dot),
                        json.has(SCHEMA) ? json.get(SCHEMA).toString() : null));
              }
            });
    return recorded;
  }

  private static Map<String, String> properties(Table table) {
    Map<String, String> properties = new TreeMap<>(table.properties());
    properties.keySet().removeIf(name -> !name.matches("sessionize[.]schema[.]\\d+[.].+"));
    return properties;
  }

  private static JsonNode read(String name, String value) {
    try {
      return JSON.readTree(value);
    } catch (JsonProcessingException e) {
      throw damaged(name);
    }
  }

  private static Instant recordedAt(String name, JsonNode json) {
    try {
      return Instant.parse(json.path(RECORDED_AT).asText());
    } catch (DateTimeParseException e) {
      throw damaged(name);
    }
  }

  private static int id(String name, int dot) {
    try {
      return Integer.parseInt(name.substring(PREFIX.length(), dot));
    } catch (NumberFormatException e) {
      throw damaged(name);
    }
  }

  private static Failure damaged(String name) {
    return Failure.broken(
        "The property %s of the sessions table is damaged: restore its value from an older metadata"
            + " file of the table.",
        name);
  }

  /** Records schemas, in a commit of its own. Those beyond the limit are recorded without text. */
  static void add(Table table, Collection<RegisteredSchema> used) {
    // As precise as the time of a commit.
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    CommitRetry.run(table, current -> commit(current, used, now));
  }

  private static void commit(Table table, Collection<RegisteredSchema> used, Instant now) {
    Map<String, String> recorded = properties(table);
    long characters = recorded.values().stream().mapToLong(String::length).sum();
    UpdateProperties update = table.updateProperties();
    boolean isNew = false;
    for (RegisteredSchema schema : used) {
      String name = PREFIX + schema.id() + "." + schema.registry();
      ObjectNode value = JSON.createObjectNode().put(RECORDED_AT, now.toString());
      if (recorded.putIfAbsent(name, "") == null) {
        characters += schema.text().length();
        if (characters <= MOST_CHARACTERS) {
          value.set(SCHEMA, read(name, schema.text()));
        } else {
          characters -= schema.text().length();
          LOG.warn(
              "{} has schemas of {} characters in its properties: schema {} of {} is not kept, so"
                  + " that a proof has to ask the registry for it",
              table.name(),
              MOST_CHARACTERS,
              schema.id(),
              schema.registry());
        }
        update.set(name, value.toString());
        isNew = true;
      }
    }
    if (isNew) {
      update.commit();
    }
  }
}
