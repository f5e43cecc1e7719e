package io.sessionize.table;

import static org.apache.spark.sql.functions.lit;

import io.sessionize.Failure;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.row.OutcomeRows;
import io.sessionize.row.SessionRows;
import io.sessionize.summary.Base;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.RunSummary.Settings;
import io.sessionize.summary.TableNames;
import java.sql.Timestamp;
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
 * Writes a batch to branches of the tables and publishes them. The caller makes the calls in the
 * order of the commit protocol.
 *
 * <p>Not thread-safe. A method that takes a data set runs Spark jobs.
 */
public final class Publication implements AutoCloseable {
  private static final String SHUFFLE_PARTITIONS = "spark.sql.shuffle.partitions";
  private static final String CHANGES = "sessionize_changes";
  private static final long EVENTS_OF_A_FILE = 250_000;

  /**
   * Up to this many days, each task keeps one file open for each day. That avoids a sort, but an
   * open file takes most of a megabyte. Beyond, rows are sorted and days are written one after the
   * other. A run's hour is on one or two days, and late events are seldom on more days than a week
   * has.
   */
  private static final int DAYS_WRITTEN_AT_ONCE = 16;

  private final SparkSession spark;
  private final Table sessionsTable;
  private final Table stagingTable;
  private final Table rejectedTable;
  private final Branch sessions;
  private final Branch open;
  private final TableNames names;
  private Branch rejected;

  Publication(
      SparkSession spark,
      TableNames names,
      Table sessionsTable,
      Table stagingTable,
      Table rejectedTable,
      Base base) {
    this.spark = spark;
    this.names = names;
    this.sessionsTable = sessionsTable;
    this.stagingTable = stagingTable;
    this.rejectedTable = rejectedTable;
    this.sessions = Branch.create(sessionsTable, names.sessions(), base.sessionsSnapshot());
    this.open = Branch.create(stagingTable, names.open(), base.openSnapshot());
  }

  /**
   * Merges the rows that differ into the sessions table's branch.
   *
   * @param outcomes rows of {@link OutcomeRows#OUTCOME}
   * @param days UTC days of the changed rows, before and after the change; empty if nothing changes
   */
  public void mergeSessions(Dataset<Row> outcomes, Collection<LocalDate> days, RunSummary summary) {
    if (days.isEmpty()) {
      sessions.commitSummary(summary.toProperties());
      return;
    }
    Dataset<Row> changes = OutcomeRows.changes(outcomes);
    sortWhereManyDays(sessionsTable, days);
    merge(
        "merge/sessions",
        sessions,
        changes,
        "days",
        Days.condition("t.session_start", days),
        summary);
  }

  /**
   * Appends new rows to the sessions table's branch. Unlike {@link #mergeSessions}, it needs no
   * shuffle and no join with the table.
   *
   * @param outcomes rows of {@link OutcomeRows#OUTCOME} that add a session or change nothing
   * @param events number of events in the new rows
   * @param days UTC days of the new rows
   */
  public void addSessions(
      Dataset<Row> outcomes, long events, Collection<LocalDate> days, RunSummary summary) {
    Dataset<Row> rows =
        coalescedToFiles(
            OutcomeRows.changes(outcomes).select(SessionRows.columns()), events / days.size());
    sessions.commit(
        spark,
        summary.toProperties(),
        () -> {
          withUserAddedColumns(rows, sessionsTable)
              .writeTo(sessions.qualified())
              .option(SparkWriteOptions.DISTRIBUTION_MODE, DistributionMode.NONE.modeName())
              .option(SparkWriteOptions.FANOUT_ENABLED, Boolean.toString(!isManyDays(days)))
              .append();
          return null;
        });
  }

  /**
   * Replaces the rows of the staging table's branch by the sessions that are open now.
   *
   * @param staged rows with the columns of the staging table
   * @param events number of events in these rows
   */
  public void writeOpen(Dataset<Row> staged, long events, RunSummary summary) {
    Dataset<Row> rows = coalescedToFiles(staged, events);
    open.commit(
        spark,
        summary.toProperties(sessions.head()),
        () -> {
          withUserAddedColumns(rows, stagingTable).writeTo(open.qualified()).overwrite(lit(true));
          return null;
        });
  }

  /**
   * Coalesces rows into about as many partitions as files are wanted; all are written in parallel.
   * The partitions are as even as possible, so that no core waits for another.
   */
  private Dataset<Row> coalescedToFiles(Dataset<Row> rows, long events) {
    int partitions = Integer.parseInt(spark.conf().get(SHUFFLE_PARTITIONS));
    int together = Math.max(1, partitions / (int) (1 + events / EVENTS_OF_A_FILE));
    return rows.coalesce((partitions + together - 1) / together);
  }

  /**
   * Adds the rejected records that the table does not hold yet, and publishes them at once.
   *
   * @throws Failure conflict, if the staging table has moved: then another driver has processed the
   *     same records and has written the rejected ones
   */
  public void addRejected(Dataset<Row> rows, OffsetRange offsets, RunSummary summary) {
    open.requireBase();
    rejectedTable.refresh();
    rejected =
        Branch.create(
            rejectedTable, names.rejected(), rejectedTable.currentSnapshot().snapshotId());
    Timestamp now = new Timestamp(summary.settings().map(Settings::clockMs).orElseThrow());
    merge(
        "merge/rejected",
        rejected,
        rows.withColumn("rejected_at", lit(now)),
        "offsets",
        OffsetCondition.of("t.", offsets),
        summary);
    rejected.publish();
  }

  private static boolean isManyDays(Collection<LocalDate> days) {
    return days.size() > DAYS_WRITTEN_AT_ONCE;
  }

  /** A MERGE takes no write options, so the table property sets how it writes. */
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

  /**
   * Keeps the merged sessions on a branch of this name, replaces an existing one, and returns the
   * snapshot id.
   */
  public long keepSessions(String branch) {
    return sessions.keepAs(branch);
  }

  /**
   * Publishes the sessions table's branch.
   *
   * @throws Failure conflict, if either table has moved since the base
   */
  public void publishSessions() {
    // Otherwise a driver whose base of staging is stale would leave the tables out of sync.
    open.requireBase();
    sessions.publish();
  }

  /**
   * Publishes the staging table's branch: the commit point.
   *
   * @throws Failure conflict, if the staging table has moved since the base
   */
  public void publishOpen() {
    open.publish();
    Branch.dropStale(sessionsTable);
    Branch.dropStale(stagingTable);
    Branch.dropStale(rejectedTable);
  }

  /** Drops the branches that were not published. */
  @Override
  public void close() {
    sessions.drop();
    open.drop();
    if (rejected != null) {
      rejected.drop();
    }
  }

  /**
   * User-added columns are null in all rows that a run writes. Each run rewrites all of staging.
   */
  private static Dataset<Row> withUserAddedColumns(Dataset<Row> rows, Table table) {
    Dataset<Row> all = rows;
    for (StructField column : SparkSchemaUtil.convert(table.schema()).fields()) {
      if (!Arrays.asList(rows.columns()).contains(column.name())) {
        all = all.withColumn(column.name(), lit(null).cast(column.dataType()));
      }
    }
    return all;
  }

  private void merge(
      String statement,
      Branch target,
      Dataset<Row> changes,
      String pruning,
      String condition,
      RunSummary summary) {
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
                      .with(pruning, condition)
                      .text()));
    } finally {
      spark.catalog().dropTempView(CHANGES);
    }
  }
}
