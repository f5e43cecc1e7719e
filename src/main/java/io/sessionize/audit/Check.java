package io.sessionize.audit;

import io.sessionize.Failure;
import io.sessionize.audit.Invariants.Files;
import io.sessionize.history.History;
import io.sessionize.session.Rules;
import io.sessionize.summary.Base;
import io.sessionize.summary.TableNames;
import io.sessionize.table.SessionReader;
import io.sessionize.table.SessionTables;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Finds the rows that break an invariant of the tables. It reads one fixed snapshot of both tables;
 * later commits do not matter.
 */
public final class Check implements AutoCloseable {
  private static final int LOOKS = 20;
  private static final long BETWEEN_LOOKS_MS = 500;

  private final SparkSession spark;
  private final TableNames names;
  private final SessionTables tables;
  private final Base base;
  private final ColumnInvariant columns;
  private final Invariants invariants;

  /** Null until they are needed. */
  private Violations violations;

  /**
   * Selects the current snapshots of the tables.
   *
   * @param given returns the rules to check, from the rules recorded with the tables
   * @throws Failure of usage, if the tables were made with other rules; conflict, if the tables are
   *     out of sync because a run is between its two commits, or crashed there
   */
  public Check(SparkSession spark, TableNames names, UnaryOperator<Rules> given) {
    this.spark = spark;
    this.names = names;
    this.tables = new SessionTables(spark, names);
    this.base = settled();
    this.columns = new ColumnInvariant(spark, names, base);
    this.invariants =
        new Invariants(
            spark,
            names,
            base.open().requireRules(given),
            base.definitions().properties(),
            base.watermark().publishedMs());
  }

  /** Waits for up to ten seconds: a run is between its two commits for a second or two at most. */
  private Base settled() {
    Base now = tables.base();
    for (int look = 1; now.isBetweenCommits() && look < LOOKS; look++) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(BETWEEN_LOOKS_MS));
      now = tables.base();
    }
    if (now.isBetweenCommits()) {
      throw Failure.conflict(
          null,
          "Nothing was checked: a %s of %s is between its two commits, or crashed there. The next"
              + " run repairs it (after a recompute, that recompute once more): check again then.",
          now.sessions().orElseThrow().work(),
          names.table());
    }
    return now;
  }

  /** Whether it is known that no row breaks an invariant: then no data set is needed. */
  public boolean holds() {
    return found().areNone();
  }

  /**
   * The rows that break an invariant, one for each row and invariant: columns {@code table_name,
   * session_id, uuid, invariant, detail}. Reads all of both tables once; with session columns,
   * twice.
   */
  public Dataset<Row> violations() {
    return found().rows();
  }

  private Violations found() {
    if (violations == null) {
      SessionReader reader = tables.reader(base);
      violations =
          invariants.violations(
              invariants.judged(
                  Files.of(tables.sessionsTable(), base.sessionsSnapshot()),
                  Files.of(tables.stagingTable(), base.openSnapshot())),
              columns.isNeeded()
                  ? () -> columns.violations(reader.all(), reader.openAsStored())
                  : null);
    }
    return violations;
  }

  /** How many rows {@link #violations} reads, about. */
  public long rowsToRead() {
    // Once more for session columns.
    return (columns.isNeeded() ? 2 : 1)
        * (rows(tables.sessionsTable().snapshot(base.sessionsSnapshot()))
            + rows(tables.stagingTable().snapshot(base.openSnapshot())));
  }

  private static long rows(Snapshot snapshot) {
    return count(snapshot, SnapshotSummary.TOTAL_RECORDS_PROP)
        - count(snapshot, SnapshotSummary.TOTAL_POS_DELETES_PROP);
  }

  private static long count(Snapshot snapshot, String name) {
    return Long.parseLong(snapshot.summary().getOrDefault(name, "0"));
  }

  /**
   * The check of what the last runs changed.
   *
   * @param most how many runs; fewer if the history has fewer
   */
  public RecentCheck ofLastRuns(long most) {
    LastRuns runs = LastRuns.of(new History(tables), base, most);
    return new RecentCheck(spark, tables, base, invariants, columns, runs);
  }

  @Override
  public void close() {
    if (violations != null) {
      violations.close();
    }
  }
}
