package io.sessionize.spark.internal;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Moves a dataset to another session. {@code foreachBatch} passes a dataset of the stream's own
 * session, which has neither the job's catalog nor adaptive execution.
 */
public final class SessionSwap {
  private SessionSwap() {}

  /** The same rows, planned in the given session. */
  public static Dataset<Row> in(SparkSession spark, Dataset<Row> rows) {
    return Dataset.ofRows(spark, rows.logicalPlan());
  }
}
