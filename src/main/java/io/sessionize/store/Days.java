package io.sessionize.store;

import java.time.LocalDate;
import java.util.Collection;
import java.util.StringJoiner;
import java.util.TreeSet;

/** UTC days as a condition of literals, which is what prunes the files of a MERGE's target. */
final class Days {
  private Days() {}

  /**
   * A condition that is true for the times within these days.
   *
   * @param column a timestamp column, as it stands in the statement
   */
  static String condition(String column, Collection<LocalDate> days) {
    if (days.isEmpty()) {
      return "false";
    }
    StringJoiner ranges = new StringJoiner(" OR ");
    LocalDate first = null;
    LocalDate next = null;
    for (LocalDate day : new TreeSet<>(days)) {
      if (!day.equals(next)) {
        if (first != null) {
          ranges.add(range(column, first, next));
        }
        first = day;
      }
      next = day.plusDays(1);
    }
    return ranges.add(range(column, first, next)).toString();
  }

  private static String range(String column, LocalDate first, LocalDate end) {
    return String.format(
        "(%s >= TIMESTAMP '%s 00:00:00Z' AND %s < TIMESTAMP '%s 00:00:00Z')",
        column, first, column, end);
  }
}
