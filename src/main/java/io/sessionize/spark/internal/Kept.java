package io.sessionize.spark.internal;

import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/**
 * Rows that a batch computes once and reads several times.
 *
 * <p>They are kept as they are. {@link Dataset#persist()} would take each apart into columns and
 * put it together again for each reader, and clones the session, with a catalog connection that
 * nobody closes: one more with each batch of continuous mode.
 */
public final class Kept implements AutoCloseable {
  private final JavaRDD<InternalRow> computed;
  private final Dataset<Row> rows;

  /**
   * @param rows with these columns, in Spark's own form; each may take the place of the one before
   */
  public Kept(SparkSession spark, JavaRDD<InternalRow> rows, StructType columns) {
    this.computed = rows.map(InternalRow::copy).persist(StorageLevel.MEMORY_AND_DISK());
    this.rows = spark.internalCreateDataFrame(computed.rdd(), columns, false);
  }

  public Dataset<Row> rows() {
    return rows;
  }

  /** The same, in Spark's own form. */
  public JavaRDD<InternalRow> internalRows() {
    return computed;
  }

  @Override
  public void close() {
    computed.unpersist(false);
  }
}
