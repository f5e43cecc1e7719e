package io.sessionize.audit;

import static io.sessionize.history.ChangedRows.STEP;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.when;

import io.sessionize.Failure;
import io.sessionize.history.ChangedRows;
import io.sessionize.history.ChangedRows.Step;
import io.sessionize.history.Commit;
import io.sessionize.history.History;
import io.sessionize.table.SessionTables;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.expressions.Expressions;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.expressions.Window;

/** Finds the sessions that differ between two commits of the sessions table, and the cause. */
public final class Diff implements AutoCloseable {
  private final ChangedRows changedRows;
  private final Dataset<Row> changes;
  private final Dataset<Row> sessions;

  /**
   * How many sessions differ.
   *
   * @param paired removed sessions whose events other sessions hold now
   */
  public record Counts(long added, long removed, long changed, long paired) {}

  /**
   * Compares two commits. Runs Spark jobs only when the result is read.
   *
   * @throws Failure of usage, if {@code from} is later than {@code to}
   */
  public Diff(SparkSession spark, SessionTables tables, History history, Commit from, Commit to) {
    if (from.at().isAfter(to.at())) {
      throw Failure.usage(
          "--from is snapshot %d (%s), later than --to, which is %d (%s): exchange them.",
          from.id(), from.at(), to.id(), to.at());
    }
    // Step 0 is the whole range. Each kept commit of the range with a kept parent is a further
    // step.
    List<Step> steps = new ArrayList<>(List.of(new Step(from.id(), to.id())));
    List<Commit> causes = new ArrayList<>(List.of(to));
    for (Commit commit : history.between(from, to)) {
      if (!commit.movesOnly() && history.holdsParentOf(commit)) {
        steps.add(new Step(commit.parent().orElse(null), commit.id()));
        causes.add(commit);
      }
    }
    changedRows = new ChangedRows(spark, tables);
    Column singleStep = when(col(STEP).gt(0), col(STEP));
    changes =
        SessionChanges.of(changedRows.of(steps, Expressions.alwaysTrue()))
            .withColumn(
                Causes.CAUSE_STEP,
                max(singleStep).over(Window.partitionBy(col("session_id"), col("uuid"))))
            .where(col(STEP).equalTo(0))
            .persist();
    sessions = Causes.join(SessionChanges.withPairs(changes), causes).persist();
  }

  public Counts counts() {
    Column change = SessionChanges.kind();
    Row row =
        sessions
            .agg(
                count(when(change.equalTo(SessionChanges.ADDED), 1)),
                count(when(change.equalTo(SessionChanges.REMOVED), 1)),
                count(when(change.equalTo(SessionChanges.CHANGED), 1)),
                count(
                    when(change.equalTo(SessionChanges.REMOVED).and(col("paired").isNotNull()), 1)))
            .head();
    return new Counts(row.getLong(0), row.getLong(1), row.getLong(2), row.getLong(3));
  }

  /**
   * One row per session, by its start: {@code change} (added, removed, changed), {@code session_id,
   * uuid, session_start, event_count}, {@code columns} (map of name to old and new), {@code paired}
   * (for a removed session the ids of the sessions that hold its events now, else the ids of the
   * removed sessions whose events it holds), {@code cause}, and {@code at, command, run, offsets,
   * watermark, snapshot} of the last commit that changed it.
   */
  public Dataset<Row> rows() {
    return sessions
        .withColumn("change", SessionChanges.kind())
        .withColumn("session_start", SessionChanges.last("session_start"))
        .withColumn("event_count", SessionChanges.last("event_count"))
        .withColumn("columns", SessionChanges.columns(sessions))
        .orderBy("session_start", "session_id", "uuid")
        .select(
            Causes.after(
                "change",
                "session_id",
                "uuid",
                "session_start",
                "event_count",
                "columns",
                "paired"));
  }

  @Override
  public void close() {
    sessions.unpersist();
    changes.unpersist();
    changedRows.close();
  }
}
