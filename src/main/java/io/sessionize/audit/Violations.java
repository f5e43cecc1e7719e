package io.sessionize.audit;

import io.sessionize.spark.internal.InternalRows;
import io.sessionize.spark.internal.KeptRows;
import io.sessionize.spark.internal.ViolationRows;
import java.util.function.Supplier;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The rows that break an invariant. They are searched once, when they are first needed. A cold
 * process spends a second on the first data set, so a check that finds nothing needs none.
 */
final class Violations implements AutoCloseable {
  private final KeptRows found;
  private final Supplier<Dataset<Row>> ofColumns;
  private Long count;

  /**
   * @param found rows of {@link ViolationRows}
   * @param ofColumns the violations of the invariant of session columns, with the same columns;
   *     null if there are no session columns
   */
  Violations(SparkSession spark, InternalRows found, Supplier<Dataset<Row>> ofColumns) {
    this.found = new KeptRows(spark, found, ViolationRows.COLUMNS);
    this.ofColumns = ofColumns;
  }

  /** Whether it is known that there are none. Runs a Spark job. Evaluates no session column. */
  boolean areNone() {
    return ofColumns == null && count() == 0;
  }

  private long count() {
    if (count == null) {
      count = found.internal().rdd().count();
    }
    return count;
  }

  /** The violations as a data set. Runs a Spark job. */
  Dataset<Row> rows() {
    if (ofColumns == null) {
      return found.rows();
    }
    return count() == 0 ? ofColumns.get() : found.rows().unionByName(ofColumns.get());
  }

  @Override
  public void close() {
    found.close();
  }
}
