package io.sessionize.spark.internal;

import io.sessionize.row.OutcomeRows;
import io.sessionize.session.Outcome.Change;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.unsafe.types.UTF8String;

/** Selects outcomes by what they do. Rows of {@link OutcomeRows#OUTCOME}. */
public final class OutcomeFilter {
  private OutcomeFilter() {}

  /** The outcomes whose session is written to the sessions table: it is added or changed. */
  public static InternalRows written(InternalRows outcomes) {
    return outcomes.where(row -> is(row, Change.ADDED) || is(row, Change.CHANGED));
  }

  /** The outcomes whose stored row is deleted: it is changed or removed. */
  public static InternalRows replaced(InternalRows outcomes) {
    return outcomes.where(row -> is(row, Change.CHANGED) || is(row, Change.REMOVED));
  }

  /** The sessions that are open, without damaged rows. */
  public static InternalRows open(InternalRows outcomes) {
    return outcomes.where(
        row -> row.getBoolean(OutcomeRows.IS_OPEN) && !row.getBoolean(OutcomeRows.DAMAGED));
  }

  private static boolean is(InternalRow row, Change change) {
    return row.getUTF8String(OutcomeRows.CHANGE).equals(UTF8String.fromString(change.name()));
  }
}
