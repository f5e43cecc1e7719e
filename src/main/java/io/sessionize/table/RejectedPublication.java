package io.sessionize.table;

import static org.apache.spark.sql.functions.lit;

import io.sessionize.offsets.OffsetRange;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.RunSummary.Settings;
import java.sql.Timestamp;
import org.apache.iceberg.Table;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Merges rejected records, and marks of them, into the rejected table, on a branch of its own. */
final class RejectedPublication implements AutoCloseable {
  private static final String CHANGES = "sessionize_changes";

  private final SparkSession spark;
  private final String name;
  private final Table table;
  private Branch branch;

  RejectedPublication(SparkSession spark, String name, Table table) {
    this.spark = spark;
    this.name = name;
    this.table = table;
  }

  /**
   * Adds the records that the table does not hold yet, and publishes them at once. After a
   * compaction beside it, it does so again.
   *
   * @param rows rows of the rejected table, without the time of the rejection
   * @throws io.sessionize.Failure conflict, if the rows of the table have changed meanwhile
   */
  void add(Dataset<Row> rows, OffsetRange offsets, RunSummary summary) {
    Timestamp now = new Timestamp(summary.settings().map(Settings::clockMs).orElseThrow());
    Sql merge = Sql.named("merge/rejected");
    publish(merge, rows.withColumn("rejected_at", lit(now)), offsets, summary);
  }

  /**
   * Marks records as taken in, and publishes the marks at once, as {@link #add} does.
   *
   * @param records columns that identify them
   * @param snapshot of the sessions table that took them in
   */
  void mark(Dataset<Row> records, OffsetRange offsets, long snapshot, RunSummary summary) {
    Sql merge = Sql.named("merge/taken_in").with("snapshot", Long.toString(snapshot));
    publish(merge, records, offsets, summary);
  }

  private void publish(Sql merge, Dataset<Row> changes, OffsetRange offsets, RunSummary summary) {
    String text =
        merge.with("changes", CHANGES).with("offsets", OffsetCondition.of("t.", offsets)).text();
    changes.createOrReplaceTempView(CHANGES);
    try {
      do {
        close();
        table.refresh();
        branch = Branch.create(table, name, table.currentSnapshot().snapshotId());
        String statement = Sql.of(text).with("target", branch.qualified()).text();
        branch.commit(spark, summary.toProperties(), () -> spark.sql(statement));
      } while (!branch.publish());
    } finally {
      spark.catalog().dropTempView(CHANGES);
    }
  }

  /** Drops the branches that crashed drivers left. */
  void dropStale() {
    References.dropStale(table);
  }

  /** Drops the branch, if it was not published. */
  @Override
  public void close() {
    if (branch != null) {
      branch.drop();
    }
  }
}
