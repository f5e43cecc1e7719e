package io.sessionize.spark.internal;

import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/**
 * Rows that are computed once and read several times, in memory and on disk.
 *
 * <p>They are kept in Spark's internal format. {@link Dataset#persist()} would convert each row to
 * columns and back for each reader. It also clones the session, with a catalog connection that
 * nobody closes: one more for each batch of continuous mode.
 */
public final class KeptRows implements AutoCloseable {
  private final JavaRDD<InternalRow> computed;
  private final SparkSession spark;
  private final StructType columns;
  private Dataset<Row> rows;

  /**
   * Keeps the rows when they are first read.
   *
   * @param rows with the columns of {@link io.sessionize.row.SessionRows#SESSION} first
   */
  public KeptRows(SparkSession spark, InternalRows rows, StructType columns) {
    this.computed = rows.rdd().map(KeptRows::copy).persist(StorageLevel.MEMORY_AND_DISK());
    this.spark = spark;
    this.columns = columns;
  }

  private static InternalRow copy(InternalRow row) {
    try {
      return row.copy();
    } catch (OutOfMemoryError e) {
      LargeUserException.throwIfLarge(e, row);
      throw e;
    }
  }

  public Dataset<Row> rows() {
    if (rows == null) {
      rows = spark.internalCreateDataFrame(computed.rdd(), columns, false);
    }
    return rows;
  }

  JavaRDD<InternalRow> rdd() {
    return computed;
  }

  /** The rows, without a conversion. */
  public InternalRows internal() {
    return new InternalRows(computed);
  }

  @Override
  public void close() {
    computed.unpersist(false);
  }
}
