package io.sessionize.spark.internal;

import static io.sessionize.row.OutcomeRows.CHANGE;
import static io.sessionize.row.OutcomeRows.CONFLICTING_COPIES;
import static io.sessionize.row.OutcomeRows.DAMAGED;
import static io.sessionize.row.OutcomeRows.FAILED_COLUMNS;
import static io.sessionize.row.OutcomeRows.IS_OPEN;
import static io.sessionize.row.OutcomeRows.NEW_EVENTS;
import static io.sessionize.row.OutcomeRows.PUBLISHED;
import static io.sessionize.row.OutcomeRows.REPLACED_EVENTS;
import static io.sessionize.row.OutcomeRows.STORED_START;
import static io.sessionize.row.OutcomeRows.WAS_STAGED;
import static io.sessionize.row.SessionRows.END_MS;
import static io.sessionize.row.SessionRows.EVENT_COUNT;
import static io.sessionize.row.SessionRows.START;

import io.sessionize.job.OutcomeStats;
import io.sessionize.row.Micros;
import io.sessionize.session.Outcome.Change;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * Counts a batch's outcomes in one pass. It is plain Java for the reason that {@link CountingRows}
 * gives.
 */
public final class OutcomeCounter {
  private OutcomeCounter() {}

  /**
   * Runs a Spark job that computes the outcomes and counts them.
   *
   * @param outcomes rows of {@link io.sessionize.row.OutcomeRows#OUTCOME}
   */
  public static OutcomeStats count(KeptRows outcomes) {
    return outcomes
        .rdd()
        .mapPartitions(rows -> List.of(count(rows)).iterator())
        .fold(OutcomeStats.NOTHING, OutcomeStats::plus);
  }

  private static OutcomeStats count(Iterator<InternalRow> rows) {
    OutcomeStats.Counter counter = new OutcomeStats.Counter();
    rows.forEachRemaining(row -> counter.add(counted(row)));
    return counter.total();
  }

  private static OutcomeStats.Counted counted(InternalRow row) {
    Change change = Change.valueOf(row.getUTF8String(CHANGE).toString());
    return new OutcomeStats.Counted(
        change,
        change == Change.NONE ? List.of() : days(row),
        row.getBoolean(IS_OPEN),
        row.getBoolean(PUBLISHED),
        row.getBoolean(WAS_STAGED),
        row.getBoolean(DAMAGED),
        row.getInt(NEW_EVENTS),
        row.getInt(REPLACED_EVENTS),
        row.getInt(CONFLICTING_COPIES),
        row.getInt(FAILED_COLUMNS),
        row.getLong(EVENT_COUNT),
        row.isNullAt(END_MS) ? 0 : row.getLong(END_MS));
  }

  private static List<LocalDate> days(InternalRow row) {
    List<LocalDate> days = new ArrayList<>(2);
    for (int start : new int[] {START, STORED_START}) {
      if (!row.isNullAt(start)) {
        days.add(Micros.utcDay(row.getLong(start)));
      }
    }
    return days;
  }
}
