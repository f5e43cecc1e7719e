package io.sessionize.spark.internal;

import io.sessionize.row.SessionRows;
import java.util.function.UnaryOperator;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;
import scala.Tuple2;

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

  /** The rows as a data set, without a conversion. */
  public Dataset<Row> toRows(SparkSession spark, StructType columns) {
    return spark.internalCreateDataFrame(rdd.rdd(), columns, false);
  }

  /** These rows and others. */
  public InternalRows and(InternalRows others) {
    return new InternalRows(rdd.union(others.rdd));
  }

  /** The same rows in fewer partitions. */
  public InternalRows coalesce(int partitions) {
    return new InternalRows(rdd.coalesce(Math.max(1, partitions)));
  }

  /** The rows for which the condition is true. */
  public InternalRows where(Function<InternalRow, Boolean> condition) {
    return new InternalRows(rdd.filter(condition));
  }

  /**
   * The rows of these users.
   *
   * @param users a user may occur several times
   */
  public InternalRows ofUsers(JavaRDD<String> users) {
    return new InternalRows(
        rdd.filter(row -> !row.isNullAt(SessionRows.UUID))
            .mapToPair(row -> new Tuple2<>(row.getString(SessionRows.UUID), row.copy()))
            .join(users.distinct().mapToPair(user -> new Tuple2<>(user, true)))
            .map(pair -> pair._2._1));
  }
}
