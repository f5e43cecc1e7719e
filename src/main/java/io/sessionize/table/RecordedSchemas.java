package io.sessionize.table;

import io.sessionize.event.registry.RegisteredSchema;
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
 * table: {@code sessionize.schema.ID.REGISTRY} holds the text. So a replay does not depend on the
 * registry. Properties survive compaction, expiry and rollback, and other engines keep them.
 */
final class RecordedSchemas {
  private static final Logger LOG = LoggerFactory.getLogger(RecordedSchemas.class);
  private static final String PREFIX = "sessionize.schema.";

  /** Each metadata file holds all of them, and each commit writes one. */
  private static final long MOST_CHARACTERS = 4_000_000;

  private RecordedSchemas() {}

  static List<RegisteredSchema> in(Table table) {
    List<RegisteredSchema> recorded = new ArrayList<>();
    properties(table).forEach((name, text) -> recorded.add(parse(name, text)));
    return recorded;
  }

  private static Map<String, String> properties(Table table) {
    Map<String, String> properties = new TreeMap<>(table.properties());
    properties.keySet().removeIf(name -> !name.matches("sessionize[.]schema[.]\\d+[.].+"));
    return properties;
  }

  private static RegisteredSchema parse(String name, String text) {
    int dot = name.indexOf('.', PREFIX.length());
    int id = Integer.parseInt(name.substring(PREFIX.length(), dot));
    return new RegisteredSchema(name.substring(dot + 1), id, text);
  }

  /** Records schemas, in a commit of its own. If they become too large, the rest is left out. */
  static void add(Table table, Collection<RegisteredSchema> used) {
    CommitRetry.run(table, current -> commit(current, used));
  }

  private static void commit(Table table, Collection<RegisteredSchema> used) {
    Map<String, String> recorded = properties(table);
    long characters = recorded.values().stream().mapToLong(String::length).sum();
    UpdateProperties update = table.updateProperties();
    int added = 0;
    for (RegisteredSchema schema : used) {
      String name = PREFIX + schema.id() + "." + schema.registry();
      if (recorded.putIfAbsent(name, schema.text()) != null) {
        continue;
      }
      characters += schema.text().length();
      if (characters > MOST_CHARACTERS) {
        LOG.warn(
            "{} has recorded schemas of {} characters: schema {} of {} is not recorded, so that a"
                + " proof has to ask the registry for it",
            table.name(),
            MOST_CHARACTERS,
            schema.id(),
            schema.registry());
        characters -= schema.text().length();
        continue;
      }
      update.set(name, schema.text());
      added++;
    }
    if (added > 0) {
      update.commit();
    }
  }
}
