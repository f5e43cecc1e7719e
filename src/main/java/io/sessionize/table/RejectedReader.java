package io.sessionize.table;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;

import io.sessionize.summary.Progress;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Reads the rejected table. A row has a mark if a retry took its record in: the snapshot of the
 * sessions table that the retry published. The mark holds while staging's summary lists that
 * snapshot. So a rollback of the tables makes it void, and so does a crash before the commit point.
 */
public final class RejectedReader {
  private static final String TAKEN_IN_BY = "taken_in_by";

  private final SparkSession spark;
  private final SessionTables tables;

  public RejectedReader(SparkSession spark, SessionTables tables) {
    this.spark = spark;
    this.tables = tables;
  }

  /** Whether a row has a mark that holds. */
  public static Column isTakenIn(Progress progress) {
    // Spark fails on an empty list.
    return progress.retries().isEmpty()
        ? lit(false)
        : coalesce(col(TAKEN_IN_BY).isin(progress.retries().toArray()), lit(false));
  }

  /**
   * Returns all rows of the current snapshot. Lazy.
   *
   * @throws io.sessionize.Failure of usage, if an older version made the table
   */
  public Dataset<Row> rows() {
    // Pinned: a batch reads them more than once.
    return spark
        .read()
        .option("snapshot-id", tables.rejectedTable().currentSnapshot().snapshotId())
        .table(tables.names().rejected());
  }

  /**
   * Returns the records of the topics of the tables that have no mark that holds, as {@link
   * #records}. Lazy.
   *
   * @param reason why they were rejected; empty for all reasons
   */
  public Dataset<Row> notTakenIn(Progress progress, Optional<String> reason) {
    Dataset<Row> rows = records(rows().where(not(isTakenIn(progress))), progress.topics().keySet());
    return reason.map(text -> rows.where(col("reason").equalTo(text))).orElse(rows);
  }

  /** Returns the records that the retry with this snapshot of the sessions table took in. Lazy. */
  public Dataset<Row> takenInBy(long snapshot, Set<String> topics) {
    return records(rows().where(col(TAKEN_IN_BY).equalTo(snapshot)), topics);
  }

  /** Rows with the columns of a record of Kafka, and their other columns. */
  private static Dataset<Row> records(Dataset<Row> rejected, Set<String> topics) {
    return rejected
        // Only another writer can have left out where a record is from.
        .where(col("partition").isNotNull().and(col("offset").isNotNull()))
        .where(col("topic").isin(topics.toArray()))
        .withColumn("timestamp", col("record_time"));
  }
}
