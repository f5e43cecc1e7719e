package io.sessionize.table;

import static org.apache.spark.sql.functions.lit;

import io.sessionize.Failure;
import io.sessionize.row.OutcomeRows;
import io.sessionize.row.SessionRows;
import io.sessionize.summary.Base;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.TableNames;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.Collection;
import org.apache.iceberg.DistributionMode;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.spark.SparkSchemaUtil;
import org.apache.iceberg.spark.SparkWriteOptions;
import org.apache.iceberg.util.PropertyUtil;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructField;

/**
 * A batch's work on branches of the tables, until it is published. The order of the calls is the
 * commit protocol's, and stands where they are made.
 */
public final class Publication implements AutoCloseable {
  private static final String SHUFFLE_PARTITIONS = "spark.sql.shuffle.partitions";
  private static final String CHANGES = "sessionize_changes";
  private static final long EVENTS_OF_A_FILE = 250_000;

  /**
   * Up to so many days each task keeps a file open for each day. That spares a sort, but an open
   * file takes most of a megabyte: beyond, rows are sorted and days written one after the other. A
   * run's hour lies on one or two days, and late events seldom on more than the ones of a week.
   */
  private static final int DAYS_WRITTEN_AT_ONCE = 16;

  private final SparkSession spark;
  private final Table sessionsTable;
  private final Table openTable;
  private final Table rejectedTable;
  private final Branch sessions;
  private final Branch open;
  private final TableNames names;
  private Branch rejected;

  Publication(
      SparkSession spark,
      TableNames names,
      Table sessionsTable,
      Table openTable,
      Table rejectedTable,
      Base base) {
    this.spark = spark;
    this.names = names;
    this.sessionsTable = sessionsTable;
    this.openTable = openTable;
    this.rejectedTable = rejectedTable;
    this.sessions = Branch.create(sessionsTable, names.sessions(), base.sessionsSnapshot());
    this.open = Branch.create(openTable, names.open(), base.openSnapshot());
  }

  /**
   * Merges the rows that differ into the sessions table's branch.
   *
   * @param outcomes rows of {@link OutcomeRows#OUTCOME}
   * @param days the days under which the rows concerned lie and will lie; none where nothing
   *     changes
   */
  public void mergeSessions(Dataset<Row> outcomes, Collection<LocalDate> days, RunSummary summary) {
    if (days.isEmpty()) {
      sessions.commitSummary(summary.toProperties());
      return;
    }
    Dataset<Row> changes = OutcomeRows.changes(outcomes);
    sortWhereManyDays(sessionsTable, days);
    merge("merge/sessions", sessions, changes, Days.condition("t.session_start", days), summary);
  }

  /**
   * Adds rows that the sessions table does not hold to its branch: as {@link #mergeSessions}, but
   * without a shuffle and a join by which to find that nothing matches.
   *
   * @param outcomes rows of {@link OutcomeRows#OUTCOME} that insert or change nothing
   * @param events how many the new rows hold
   * @param days the days under which they will lie
   */
  public void addSessions(
      Dataset<Row> outcomes, long events, Collection<LocalDate> days, RunSummary summary) {
    Dataset<Row> rows =
        inFiles(OutcomeRows.changes(outcomes).select(SessionRows.columns()), events / days.size());
    sessions.commit(
        spark,
        summary.toProperties(),
        () -> {
          withTheirColumns(rows, sessionsTable)
              .writeTo(sessions.qualified())
              .option(SparkWriteOptions.DISTRIBUTION_MODE, DistributionMode.NONE.modeName())
              .option(SparkWriteOptions.FANOUT_ENABLED, Boolean.toString(!isManyDays(days)))
              .append();
          return null;
        });
  }

  /**
   * Replaces what the staging table's branch holds by the sessions that are open now.
   *
   * @param staged with the columns of the staging table
   * @param events how many these hold
   */
  public void writeOpen(Dataset<Row> staged, long events, RunSummary summary) {
    Dataset<Row> rows = inFiles(staged, events);
    open.commit(
        spark,
        summary.belongingTo(sessions.head()),
        () -> {
          withTheirColumns(rows, openTable).writeTo(open.qualified()).overwrite(lit(true));
          return null;
        });
  }

  /**
   * The same rows in about as many partitions as they shall be files: each is written at once. As
   * even as whole partitions allow, so that no core waits for another.
   */
  private Dataset<Row> inFiles(Dataset<Row> rows, long events) {
    int partitions = Integer.parseInt(spark.conf().get(SHUFFLE_PARTITIONS));
    int together = Math.max(1, partitions / (int) (1 + events / EVENTS_OF_A_FILE));
    return rows.coalesce((partitions + together - 1) / together);
  }

  /**
   * Adds the rejected records that the table does not hold yet, visible at once.
   *
   * @throws Failure conflict, where the staging table has moved: then another driver has made up
   *     for this one, and has rejected what it had to
   */
  public void addRejected(Dataset<Row> rows, Collection<LocalDate> days, RunSummary summary) {
    open.requireBase();
    rejectedTable.refresh();
    rejected =
        Branch.create(
            rejectedTable, names.rejected(), rejectedTable.currentSnapshot().snapshotId());
    sortWhereManyDays(rejectedTable, days);
    merge("merge/rejected", rejected, rows, Days.condition("t.record_time", days), summary);
    rejected.publish();
  }

  private static boolean isManyDays(Collection<LocalDate> days) {
    return days.size() > DAYS_WRITTEN_AT_ONCE;
  }

  /** A MERGE takes no options: how it writes has to stand in the table. */
  private static void sortWhereManyDays(Table table, Collection<LocalDate> days) {
    boolean atOnce =
        PropertyUtil.propertyAsBoolean(
            table.properties(), TableProperties.SPARK_WRITE_PARTITIONED_FANOUT_ENABLED, true);
    if (atOnce == isManyDays(days)) {
      table
          .updateProperties()
          .set(
              TableProperties.SPARK_WRITE_PARTITIONED_FANOUT_ENABLED,
              Boolean.toString(!isManyDays(days)))
          .commit();
    }
  }

  /** Keeps the merged sessions on a branch of this name, in place of what was there. */
  public long keepSessions(String branch) {
    return sessions.keepAs(branch);
  }

  /** Makes the closed sessions visible. */
  public void publishSessions() {
    // Else a driver that has lost on the staging table would leave the tables apart.
    open.requireBase();
    sessions.publish();
  }

  /** Makes the open sessions visible: the commit point. */
  public void publishOpen() {
    open.publish();
    Branch.dropDead(sessionsTable);
    Branch.dropDead(openTable);
    Branch.dropDead(rejectedTable);
  }

  /** Drops what was not published. */
  @Override
  public void close() {
    sessions.drop();
    open.drop();
    if (rejected != null) {
      rejected.drop();
    }
  }

  /** Columns that a person has added are null in what a run writes: in all of staging, always. */
  private static Dataset<Row> withTheirColumns(Dataset<Row> rows, Table table) {
    Dataset<Row> all = rows;
    for (StructField column : SparkSchemaUtil.convert(table.schema()).fields()) {
      if (!Arrays.asList(rows.columns()).contains(column.name())) {
        all = all.withColumn(column.name(), lit(null).cast(column.dataType()));
      }
    }
    return all;
  }

  private void merge(
      String statement, Branch target, Dataset<Row> changes, String days, RunSummary summary) {
    changes.createOrReplaceTempView(CHANGES);
    try {
      target.commit(
          spark,
          summary.toProperties(),
          () ->
              spark.sql(
                  Sql.named(statement)
                      .with("target", target.qualified())
                      .with("changes", CHANGES)
                      .with("days", days)
                      .text()));
    } finally {
      spark.catalog().dropTempView(CHANGES);
    }
  }
}
