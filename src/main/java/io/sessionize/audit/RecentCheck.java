package io.sessionize.audit;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;

import io.sessionize.history.StartTimes;
import io.sessionize.history.WrittenRows;
import io.sessionize.summary.Base;
import io.sessionize.table.SessionTables;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Finds the rows that break an invariant among those that the last runs changed, those of staging,
 * and their neighbours. Reads these rows from the tables, and of the neighbours only the columns
 * that are compared, only of files that can hold one.
 *
 * <p>A row is changed if a commit since has written it. Two consecutive rows of a user are judged
 * if one of them is changed or in staging, and if they are not further apart than {@link
 * Invariants#reachMs}.
 */
public final class RecentCheck implements AutoCloseable {
  /** Users that are broadcast: some 100 bytes each. */
  private static final long MOST_BROADCAST = 500_000;

  private final WrittenRows written;
  private final LastRuns runs;
  private final boolean hasRun;
  private final Dataset<Row> near;
  private final Dataset<Row> violations;

  RecentCheck(
      SparkSession spark, SessionTables tables, Base base, Invariants invariants, LastRuns runs) {
    this.runs = runs;
    this.hasRun = base.open().run().isPresent();
    this.written = new WrittenRows(spark, tables, base.sessionsSnapshot(), runs.commits());
    long reachMs = invariants.reachMs();
    StartTimes times =
        written
            .starts()
            .and(WrittenRows.startsOfOpen(tables, base.openSnapshot()))
            .widened(reachMs, reachMs + invariants.longestMs());
    Dataset<Row> changed = written.rows();
    Dataset<Row> open = tables.reader(base).openAsStored();
    Dataset<Row> users = users(changed, open, invariants);
    boolean few = written.count() + base.open().count("open") <= MOST_BROADCAST;
    this.near =
        written
            .others(times)
            .select(Invariants.neighbour())
            .join(users.hint(few ? "broadcast" : "merge"), "uuid")
            .where(col("session_start_time_ms").between(col("from_ms"), col("to_ms")))
            .drop("from_ms", "to_ms")
            .persist();
    this.violations =
        invariants.violations(
            changed, open, changed.select(Invariants.neighbour()).union(near), Optional.of(near));
  }

  /** The users of these rows: {@code uuid}, and {@code from_ms, to_ms} of their neighbours. */
  private static Dataset<Row> users(
      Dataset<Row> changed, Dataset<Row> open, Invariants invariants) {
    // The end of a damaged row may be anything.
    return changed
        .select(Invariants.neighbour())
        .union(open.select(Invariants.neighbour()))
        .groupBy("uuid")
        .agg(
            min("session_start_time_ms").minus(invariants.reachMs()).as("from_ms"),
            max(least(
                    col("session_end_time_ms"),
                    col("session_start_time_ms").plus(invariants.longestMs())))
                .plus(invariants.reachMs())
                .as("to_ms"));
  }

  /** The rows, as {@link Check#violations}. */
  public Dataset<Row> violations() {
    return violations;
  }

  /** How many runs were checked. */
  public long runs() {
    return runs.runs();
  }

  /** Whether there was a run, but the history does not hold its commits any more. */
  public boolean hasExpired() {
    return runs.runs() == 0 && hasRun;
  }

  @Override
  public void close() {
    near.unpersist();
    written.close();
  }
}
