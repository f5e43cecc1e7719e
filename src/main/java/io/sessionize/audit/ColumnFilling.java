package io.sessionize.audit;

import io.sessionize.column.Demand;
import io.sessionize.column.RecordedColumns;
import io.sessionize.summary.Base;
import io.sessionize.summary.ColumnProgress;
import io.sessionize.summary.ColumnProgress.Through;
import java.time.LocalDate;

/**
 * How far the rows of the tables follow the session columns in use.
 *
 * @param number of the session columns
 * @param isComplete whether all rows follow them
 * @param through the UTC day up to which sessions start that {@code recompute --columns-only} has
 *     filled; null if all rows follow, or if it has not begun
 */
public record ColumnFilling(int number, boolean isComplete, LocalDate through) {

  /** How far the rows of a base follow; null without session columns. */
  static ColumnFilling of(Base base) {
    RecordedColumns columns = base.columns();
    if (columns.inUse().all().isEmpty()) {
      return null;
    }
    ColumnProgress progress = base.progress().columns();
    // After a column was removed, rows that follow the columns of before follow these too.
    boolean isComplete =
        Demand.since(columns, progress.complete()).stream().allMatch(Demand.VALUE::equals);
    return new ColumnFilling(
        columns.number(),
        isComplete,
        isComplete
            ? null
            : progress
                .through()
                .filter(filled -> filled.number() == columns.number())
                .map(Through::day)
                .orElse(null));
  }

  /** In one line for people. */
  public String text() {
    if (isComplete) {
      return "all rows follow the session columns";
    }
    return (through == null
            ? "older rows may have null, or values of before"
            : "filled for sessions that start up to " + through + ", and for open ones")
        + ": recompute --columns-only fills "
        + (through == null ? "them" : "the others");
  }
}
