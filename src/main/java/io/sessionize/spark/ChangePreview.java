package io.sessionize.spark;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.sessionize.job.Preview;
import io.sessionize.job.Preview.ChangedSession;
import io.sessionize.row.OutcomeRows;
import io.sessionize.session.Outcome.Change;
import io.sessionize.table.SessionReader;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Collects the changes of a restatement in the sessions table, for the preview of a backfill. */
final class ChangePreview {
  private ChangePreview() {}

  /**
   * Runs the Spark jobs that collect the preview.
   *
   * @param outcomes rows of {@link OutcomeRows#OUTCOME}
   * @param users how many users have events in the batch
   * @param days of the changed rows
   * @param most how many sessions to show
   */
  static Preview of(
      SessionReader reader, Dataset<Row> outcomes, long users, TreeSet<LocalDate> days, int most) {
    Dataset<Row> changed =
        OutcomeRows.changes(outcomes)
            .select("session_id", "uuid", "change", "session_start", "session_end", "event_count");
    Dataset<Row> stored = reader.locations(days);
    Dataset<Row> both =
        changed.join(
            stored,
            changed
                .col("session_id")
                .equalTo(stored.col("session_id"))
                .and(changed.col("uuid").equalTo(stored.col("uuid"))),
            "left");
    List<ChangedSession> sample =
        both
            .orderBy(
                coalesce(changed.col("session_start"), lit(0).cast("timestamp")),
                changed.col("session_id"))
            .limit(most)
            .select(
                changed.col("change"),
                changed.col("session_id"),
                changed.col("session_start"),
                changed.col("session_end"),
                col("events"),
                changed.col("event_count"))
            .collectAsList()
            .stream()
            .map(ChangePreview::changedSession)
            .toList();
    long files = both.where("file IS NOT NULL").select("file").distinct().count();
    return new Preview(users, days, files, sample);
  }

  private static ChangedSession changedSession(Row row) {
    boolean removed = row.getString(0).equals(Change.REMOVED.name());
    return new ChangedSession(
        row.getString(0).toLowerCase(Locale.ROOT),
        row.getString(1),
        removed ? null : row.getTimestamp(2).toInstant(),
        removed ? null : row.getTimestamp(3).toInstant(),
        row.isNullAt(4) ? null : row.getLong(4),
        removed ? null : row.getLong(5));
  }
}
