package io.sessionize.audit;

import io.sessionize.audit.Invariants.Files;
import io.sessionize.audit.NearUsers.Group;
import io.sessionize.history.StartTimes;
import io.sessionize.history.WrittenRows;
import io.sessionize.spark.internal.InternalRows;
import io.sessionize.spark.internal.KeptRows;
import io.sessionize.summary.Base;
import io.sessionize.table.SessionTables;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Finds the rows that break an invariant among those that the last runs changed, those of staging,
 * and their neighbours. Reads these rows from the tables, and of the neighbours only the columns
 * that are compared, only of row groups that can hold one.
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
      StartTimes near = near(open);
      InternalRows judged = invariants.judged(changed, open);
      if (!written.others(near, Expressions.alwaysTrue()).isEmpty()) {
        // They are read twice: for the users too.
        kept = invariants.keep(judged);
        judged = kept.internal();
        Set<String> read = new HashSet<>();
        // A file of several days is read with the first of its groups, which searches all users.
        for (Group group : invariants.users(judged, changed.rows() + open.rows()).groups()) {
          judged = judged.and(neighbours(near, group, read));
        }
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

  /**
   * @param read locations of the files that another group reads; those of this group are added
   */
  private InternalRows neighbours(StartTimes near, Group group, Set<String> read) {
    Expression ofGroup = Expressions.and(group.days().filter(), group.users().rows());
    List<FileScanTask> others = written.others(near, ofGroup);
    others.removeIf(file -> !read.add(file.file().location()));
    return invariants.near(new Files(written.table(), others), group.users(), near);
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
