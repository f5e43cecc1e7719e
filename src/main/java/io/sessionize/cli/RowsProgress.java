package io.sessionize.cli;

import io.sessionize.progress.Progress;
import io.sessionize.spark.RowsReadListener;
import org.apache.spark.sql.SparkSession;

/** Shows how many rows the Spark jobs of a command have read, if it takes more than seconds. */
final class RowsProgress implements AutoCloseable {
  private static final String ROWS = "rows read";

  private final SparkSession spark;
  private final Progress progress;
  private final RowsReadListener listener;

  private RowsProgress(SparkSession spark, Progress progress) {
    this.spark = spark;
    this.progress = progress;
    this.listener = new RowsReadListener(progress::show);
    spark.sparkContext().addSparkListener(listener);
  }

  /**
   * Shows a bar on a terminal, else lines.
   *
   * @param planned number of rows, or -1 if it is not known
   */
  static RowsProgress on(SparkSession spark, String task, long planned) {
    return new RowsProgress(spark, Progress.on(System.err, task, ROWS, planned, System::nanoTime));
  }

  /** Shows lines, for a command that prints results meanwhile. */
  static RowsProgress lines(SparkSession spark, String task) {
    return new RowsProgress(spark, Progress.lines(System.err, task, ROWS, -1, System::nanoTime));
  }

  @Override
  public void close() {
    spark.sparkContext().removeSparkListener(listener);
    progress.close();
  }
}
