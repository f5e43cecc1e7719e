package io.sessionize.table;

import io.sessionize.Failure;
import io.sessionize.column.RecordedColumns;
import io.sessionize.column.SessionColumns;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.iceberg.Table;

/**
 * The session columns that a table has taken in, in its properties: {@code
 * sessionize.session-columns.NUMBER} holds the text. The staging table decides, as for {@link
 * RecordedDefinitions}.
 */
final class ColumnProperties {
  static final String PREFIX = "sessionize.session-columns.";

  /** Parsed texts: each base of a batch reads them several times. */
  private static final Map<String, SessionColumns> PARSED = new ConcurrentHashMap<>();

  private ColumnProperties() {}

  /**
   * Returns the columns in the properties of a table.
   *
   * @throws Failure of usage, if a newer version of the job wrote them; broken, if they are damaged
   */
  static RecordedColumns in(Table table) {
    TreeMap<Integer, SessionColumns> taken = new TreeMap<>();
    table
        .properties()
        .forEach(
            (name, text) -> {
              if (name.startsWith(PREFIX)) {
                taken.put(number(name), PARSED.computeIfAbsent(text, SessionColumns::parse));
              }
            });
    return new RecordedColumns(taken);
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
  static Map<String, String> missing(Table table, RecordedColumns columns) {
    Map<String, String> missing = new TreeMap<>();
    columns.taken().forEach((number, one) -> missing.put(PREFIX + number, one.text()));
    missing.keySet().removeAll(table.properties().keySet());
    return missing;
  }
}
