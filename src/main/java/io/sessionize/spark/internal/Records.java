package io.sessionize.spark.internal;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.unix_millis;

import io.sessionize.event.KafkaRecord;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** The records of a batch. Tasks read them. */
public final class Records {
  private static final String TIME_MS = "time_ms";
  private static final String INDEX = "index";

  /** A time that {@code Limits} takes for none. */
  private static final long UNKNOWN_MS = -1;

  private final JavaRDD<ReadRecord> all;
  private final Dataset<Row> rows;

  private Records(JavaRDD<ReadRecord> all, Dataset<Row> rows) {
    this.all = all;
    this.rows = rows;
  }

  /** Records of Kafka. */
  static Records ofKafka(JavaRDD<ReadRecord> all) {
    return new Records(all, null);
  }

  /**
   * Records that are rows of a table.
   *
   * @param rows with the columns {@code topic}, {@code partition}, {@code offset}, {@code
   *     timestamp}, {@code key} and {@code value}; rejected records also with {@code index}, which
   *     is null for a whole record
   */
  public static Records ofTable(Dataset<Row> rows) {
    boolean haveIndex = List.of(rows.columns()).contains(INDEX);
    Column index = haveIndex ? col(INDEX) : lit(null).cast("int");
    return new Records(
        rows.select(
                col("topic"),
                col("partition"),
                col("offset"),
                unix_millis(col("timestamp")).as(TIME_MS),
                col("key"),
                col("value"),
                index.as(INDEX))
            .javaRDD()
            .map(Records::record),
        rows);
  }

  private static ReadRecord record(Row row) {
    Long timeMs = row.getAs(TIME_MS);
    return new ReadRecord(
        new KafkaRecord(
            row.getAs("topic"),
            row.<Integer>getAs("partition"),
            row.<Long>getAs("offset"),
            timeMs == null ? UNKNOWN_MS : timeMs,
            row.getAs("value")),
        row.getAs("key"),
        row.getAs(INDEX));
  }

  /** The records of each task. */
  JavaRDD<ReadRecord> all() {
    return all;
  }

  /** The rows that the records are of; null if they are not of a table. */
  public Dataset<Row> rows() {
    return rows;
  }

  /** The number of records. Reads them all. For measurements. */
  public long count() {
    return all.count();
  }
}
