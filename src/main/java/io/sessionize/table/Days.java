package io.sessionize.table;

import static java.time.temporal.ChronoUnit.DAYS;
import static java.util.stream.Collectors.toSet;
import static org.apache.spark.sql.functions.expr;

import java.time.LocalDate;
import java.util.Collection;
import java.util.Comparator;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeSet;
import org.apache.spark.sql.Column;

/** Writes UTC days as a condition of literals. Only literals prune the files of a scan. */
public final class Days {
  /**
   * Each file is compared with each range, and thousands of ranges are slow to plan and to compile.
   */
  private static final int MOST_RANGES = 100;

  private Days() {}

  /**
   * Returns a condition that is true for the times within these days. If the days make more than
   * {@value #MOST_RANGES} ranges, it is also true for the shortest gaps between them.
   *
   * @param column name of a timestamp column, as in the statement
   */
  public static String condition(String column, Collection<LocalDate> days) {
    if (days.isEmpty()) {
      return "false";
    }
    TreeSet<LocalDate> sorted = new TreeSet<>(days);
    Set<LocalDate> ends = ends(sorted);
    StringJoiner ranges = new StringJoiner(" OR ");
    LocalDate first = null;
    for (LocalDate day : sorted) {
      first = first == null ? day : first;
      if (ends.contains(day)) {
        ranges.add(range(column, first, day.plusDays(1)));
        first = null;
      }
    }
    return ranges.toString();
  }

  /** Returns a condition that is true for the sessions that start on these days. */
  public static Column startingOn(Collection<LocalDate> days) {
    return expr(condition("session_start", days));
  }

  /**
   * Returns the last day of each range: the days before the longest gaps, and the last day of all.
   */
  private static Set<LocalDate> ends(TreeSet<LocalDate> days) {
    Set<LocalDate> ends =
        days.headSet(days.last()).stream()
            .filter(day -> !days.contains(day.plusDays(1)))
            .sorted(Comparator.comparingLong(day -> DAYS.between(days.higher(day), day)))
            .limit(MOST_RANGES - 1)
            .collect(toSet());
    ends.add(days.last());
    return ends;
  }

  private static String range(String column, LocalDate first, LocalDate end) {
    return String.format(
        "(%s >= TIMESTAMP '%s 00:00:00Z' AND %s < TIMESTAMP '%s 00:00:00Z')",
        column, first, column, end);
  }
}
