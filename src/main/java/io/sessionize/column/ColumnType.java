package io.sessionize.column;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Compares types of columns, as Spark writes them in DDL. */
final class ColumnType {
  private static final Map<String, String> WIDER = Map.of("int", "bigint", "float", "double");
  private static final Pattern DECIMAL = Pattern.compile("decimal\\((\\d+),(\\d+)\\)");

  private ColumnType() {}

  /** Whether a column of a type can become one of another, as Iceberg allows it, or is of it. */
  static boolean widens(String from, String to) {
    if (from.equals(to) || to.equals(WIDER.get(from))) {
      return true;
    }
    Matcher narrow = DECIMAL.matcher(from);
    Matcher wide = DECIMAL.matcher(to);
    return narrow.matches()
        && wide.matches()
        && narrow.group(2).equals(wide.group(2))
        && Integer.parseInt(narrow.group(1)) <= Integer.parseInt(wide.group(1));
  }
}
