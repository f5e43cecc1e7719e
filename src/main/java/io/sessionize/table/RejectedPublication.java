package io.sessionize.table;

import static org.apache.spark.sql.functions.lit;

import io.sessionize.offsets.OffsetRange;
import io.sessionize.spark.internal.InternalRows;
import io.sessionize.spark.internal.TableWriter;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.RunSummary.Settings;
import java.sql.Timestamp;
import java.util.List;
import java.util.Optional;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Adds rejected records, and marks of them, to the rejected table, on a branch of its own. Records
 * that may be stored are merged by SQL.
 */
final class RejectedPublication implements AutoCloseable {
  private static final String CHANGES = "sessionize_changes";
  private static final long RECORDS_OF_A_FILE = 100_000;

  private final SparkSession spark;
  private final String name;
  private final Table table;
  private final Optional<RejectedEnd> end;
  private Branch branch;

  /**
   * @param end what is known of the table
   */
  RejectedPublication(SparkSession spark, String name, Table table, Optional<RejectedEnd> end) {
    this.spark = spark;
    this.name = name;
    this.table = table;
    this.end = end;
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
    Dataset<Row> dated = rows.withColumn("rejected_at", lit(now));
    table.refresh();
    if (end.isPresent() && end.get().isBefore(offsets, table)) {
      end.get().stored(offsets, append(dated, summary));
    } else {
      long merged = publish(Sql.named("merge/rejected"), dated, offsets, summary);
      end.ifPresent(
          known ->
              known.merged(
                  offsets, merged, spark.read().option("snapshot-id", merged).table(name)));
    }
  }

  /**
   * Appends records that the table, as it was last read, does not hold, and publishes them.
   *
   * @return the snapshot
   */
  private long append(Dataset<Row> rows, RunSummary summary) {
    InternalRows all = InternalRows.of(rows);
    boolean areMany = summary.count("rejected") > RECORDS_OF_A_FILE;
    List<DataFile> files =
        new TableWriter(spark, table, rows.schema())
            .write(areMany ? all : all.coalesce(1), rows.schema());
    branch = Branch.on(table, name, table.currentSnapshot().snapshotId());
    long appended = commit(files, summary);
    while (!branch.publish()) {
      // A compaction has moved the stored rows.
      Branch first = branch;
      branch = Branch.on(table, name, first.moved().orElse(first.base()));
      appended = first.replacedBy(() -> commit(files, summary));
    }
    return appended;
  }

  private long commit(List<DataFile> files, RunSummary summary) {
    return branch.commit(
        summary.toProperties(),
        transaction -> {
          AppendFiles append = transaction.newAppend();
          files.forEach(append::appendFile);
          return append;
        });
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

  private long publish(Sql merge, Dataset<Row> changes, OffsetRange offsets, RunSummary summary) {
    String text =
        merge.with("changes", CHANGES).with("offsets", OffsetCondition.of("t.", offsets)).text();
    changes.createOrReplaceTempView(CHANGES);
    long merged;
    try {
      do {
        close();
        table.refresh();
        branch = Branch.create(table, name, table.currentSnapshot().snapshotId());
        String statement = Sql.of(text).with("target", branch.qualified()).text();
        branch.commit(spark, summary.toProperties(), () -> spark.sql(statement));
        merged = branch.head();
      } while (!branch.publish());
      return merged;
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
