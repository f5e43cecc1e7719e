package io.sessionize.audit;

import io.sessionize.audit.Invariants.Files;
import io.sessionize.history.StartTimes;
import io.sessionize.history.WrittenRows;
import io.sessionize.spark.internal.InternalRows;
import io.sessionize.spark.internal.KeptRows;
import io.sessionize.summary.Base;
import io.sessionize.table.SessionTables;
import org.apache.iceberg.Table;
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
  private final SessionTables tables;
  private final Base base;
  private final Invariants invariants;
  private final ColumnInvariant columns;
  private final WrittenRows written;
  private final LastRuns runs;

  /** Null until they are needed, as the violations. */
  private KeptRows kept;

  private Violations violations;

  RecentCheck(
      SparkSession spark,
      SessionTables tables,
      Base base,
      Invariants invariants,
      ColumnInvariant columns,
      LastRuns runs) {
    this.tables = tables;
    this.base = base;
    this.invariants = invariants;
    this.columns = columns;
    this.runs = runs;
    this.written = new WrittenRows(spark, tables, base.sessionsSnapshot(), runs.commits());
  }

  private Violations found() {
    if (violations == null) {
      Table staging = tables.stagingTable();
      Files open = new Files(staging, WrittenRows.filesOfOpen(staging, base.openSnapshot()));
      Files changed = new Files(written.table(), written.files());
      Files others = new Files(written.table(), written.others(near(open)));
      InternalRows judged = invariants.judged(changed, open);
      if (!others.tasks().isEmpty()) {
        // They are read twice: for the users too.
        kept = invariants.keep(judged);
        judged =
            kept.internal()
                .and(invariants.near(others, kept.internal(), changed.rows() + open.rows()));
      }
      violations =
          invariants.violations(
              judged,
              columns.isNeeded()
                  ? () -> columns.violations(written.rows(), tables.reader(base).openAsStored())
                  : null);
    }
    return violations;
  }

  /** When the neighbours of changed and open sessions start. */
  private StartTimes near(Files open) {
    long reachMs = invariants.reachMs();
    return written
        .starts()
        .and(StartTimes.of(open.table(), open.tasks()))
        .widened(reachMs, reachMs + invariants.longestMs());
  }

  /** Whether it is known that no row breaks an invariant: then no data set is needed. */
  public boolean holds() {
    return found().areNone();
  }

  /** The rows, as {@link Check#violations}. */
  public Dataset<Row> violations() {
    return found().rows();
  }

  /** How many runs were checked. */
  public long runs() {
    return runs.runs();
  }

  /** Whether there was a run, but the history does not hold its commits any more. */
  public boolean hasExpired() {
    return runs.runs() == 0 && base.open().run().isPresent();
  }

  @Override
  public void close() {
    if (violations != null) {
      violations.close();
    }
    if (kept != null) {
      kept.close();
    }
    written.close();
  }
}
