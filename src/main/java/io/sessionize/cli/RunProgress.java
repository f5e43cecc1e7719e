package io.sessionize.cli;

import io.sessionize.job.BatchReport;
import io.sessionize.job.RunListener;
import io.sessionize.progress.Progress;
import io.sessionize.spark.ReadProgressListener;
import java.io.PrintStream;
import org.apache.spark.sql.SparkSession;

/** Shows on a terminal how many of the planned offsets a run has read. Thread-safe. */
final class RunProgress implements RunListener, AutoCloseable {
  private final PrintStream err;
  private final BatchPrinter printer;
  private Progress bar;
  private long planned;
  private long committed;
  private boolean hasCommitted;

  RunProgress(SparkSession spark, PrintStream err, BatchPrinter printer) {
    this.err = err;
    this.printer = printer;
    // Spark counts records, not offsets: the numbers differ by empty offsets.
    spark.sparkContext().addSparkListener(new ReadProgressListener(this::read));
  }

  @Override
  public synchronized void planned(long offsets) {
    planned = offsets;
    bar = Progress.onTerminal(err, "read", "offsets", offsets);
  }

  /** Whether a batch was committed. */
  synchronized boolean hasCommitted() {
    return hasCommitted;
  }

  /** How many of the planned offsets no committed batch has read. */
  synchronized long left() {
    return Math.max(0, planned - committed);
  }

  private synchronized void read(long records) {
    if (bar != null) {
      bar.show(records);
    }
  }

  @Override
  public synchronized void batch(BatchReport batch) {
    committed += batch.read().offsets();
    hasCommitted = true;
    read(committed);
    // The batch's line comes below the bar; a new bar shows the offsets still to read.
    close();
    printer.batch(batch);
    if (committed < planned) {
      planned(planned);
      read(committed);
    }
  }

  @Override
  public synchronized void close() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }
}
