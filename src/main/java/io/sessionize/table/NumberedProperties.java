package io.sessionize.table;

import io.sessionize.Failure;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.apache.iceberg.Table;

/**
 * Texts of one kind in the properties of a table, each under a prefix and its number. They survive
 * compaction, expiry and rollback.
 */
final class NumberedProperties<T> {
  private final String prefix;
  private final Function<String, T> parse;

  /** Parsed texts: each base of a batch reads them several times. */
  private final Map<String, T> parsed = new ConcurrentHashMap<>();

  /**
   * @param prefix of the names
   * @param parse returns the value of a text
   */
  NumberedProperties(String prefix, Function<String, T> parse) {
    this.prefix = prefix;
    this.parse = parse;
  }

  /**
   * Returns the values in the properties of a table, by number.
   *
   * @throws Failure broken, if a number is none; as {@code parse} does
   */
  SortedMap<Integer, T> in(Table table) {
    SortedMap<Integer, T> values = new TreeMap<>();
    table
        .properties()
        .forEach(
            (name, text) -> {
              if (name.startsWith(prefix)) {
                values.put(number(name), parsed.computeIfAbsent(text, parse));
              }
            });
    return values;
  }

  private int number(String name) {
    try {
      return Integer.parseInt(name.substring(prefix.length()));
    } catch (NumberFormatException e) {
      throw Failure.broken(
          "The table has a property %s, which this job did not write: remove it.", name);
    }
  }

  /**
   * The properties that a table does not have yet.
   *
   * @param values by number
   * @param text returns the text of a value
   */
  Map<String, String> missing(Table table, Map<Integer, T> values, Function<T, String> text) {
    Map<String, String> missing = new TreeMap<>();
    values.forEach((number, value) -> missing.put(prefix + number, text.apply(value)));
    missing.keySet().removeAll(table.properties().keySet());
    return missing;
  }
}
