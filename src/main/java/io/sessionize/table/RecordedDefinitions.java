package io.sessionize.table;

import io.sessionize.Failure;
import io.sessionize.event.Definition;
import io.sessionize.event.Definitions;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.iceberg.Table;

/**
 * The definitions that a table has taken in, in its properties: {@code
 * sessionize.definition.NUMBER} holds the text. They survive compaction, expiry and rollback.
 *
 * <p>The staging table decides. The sessions table repeats them, so that each table says by itself
 * which properties its events have.
 */
final class RecordedDefinitions {
  static final String PREFIX = "sessionize.definition.";

  /** Parsed texts: each base of a batch reads them several times. */
  private static final Map<String, Definition> PARSED = new ConcurrentHashMap<>();

  private RecordedDefinitions() {}

  /**
   * Returns the definitions in the properties of a table; none for a table of an older version.
   *
   * @throws Failure of usage, if a newer version of the job wrote one; broken, if one is damaged
   */
  static Definitions in(Table table) {
    TreeMap<Integer, Definition> taken = new TreeMap<>();
    table
        .properties()
        .forEach(
            (name, text) -> {
              if (name.startsWith(PREFIX)) {
                taken.put(number(name), PARSED.computeIfAbsent(text, Definition::parse));
              }
            });
    return new Definitions(taken);
  }

  private static int number(String name) {
    try {
      return Integer.parseInt(name.substring(PREFIX.length()));
    } catch (NumberFormatException e) {
      throw Failure.broken(
          "The table has a property %s, which this job did not write: remove it.", name);
    }
  }

  /** The properties of a table that it does not have yet. */
  static Map<String, String> missing(Table table, Definitions definitions) {
    Map<String, String> missing = new TreeMap<>();
    definitions
        .taken()
        .forEach((number, definition) -> missing.put(PREFIX + number, definition.text()));
    missing.keySet().removeAll(table.properties().keySet());
    return missing;
  }
}
