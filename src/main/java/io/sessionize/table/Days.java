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

/** UTC days as a condition of literals, which is what prunes the files of a MERGE's target. */
public final class Days {
  /** A file is held against each range, and thousands of them are slow to plan and to compile. */
  private static final int MOST_RANGES = 100;

  private Days() {}

  /**
   * A condition that is true for the times within these days. Where the days are widely scattered,
   * it is true for the shortest gaps between them too.
   *
   * @param column a timestamp column, as it stands in the statement
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

  /** A condition that is true for sessions that start on these days. */
  public static Column startingOn(Collection<LocalDate> days) {
    return expr(condition("session_start", days));
  }

  /** The last day of each range: those before the longest gaps, and the last of all. */
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
