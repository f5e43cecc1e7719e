package io.sessionize.spark.internal;

import java.util.function.UnaryOperator;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * Rows in Spark's internal format ({@code UnsafeRow}), which need no conversion between two steps.
 *
 * <p>An iterator may reuse one mutable row for all that it returns. A consumer that keeps a row
 * beyond the next call copies it.
 */
public final class InternalRows {
  private final JavaRDD<InternalRow> rdd;

  InternalRows(JavaRDD<InternalRow> rdd) {
    this.rdd = rdd;
  }

  /** The rows of a dataset, without a conversion to {@link Row}. */
  public static InternalRows of(Dataset<Row> rows) {
    return new InternalRows(rows.queryExecution().toRdd().toJavaRDD());
  }

  /** The rows themselves. */
  public JavaRDD<InternalRow> rdd() {
    return rdd;
  }

  InternalRows map(UnaryOperator<JavaRDD<InternalRow>> change) {
    return new InternalRows(change.apply(rdd));
  }
}
