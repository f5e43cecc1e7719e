package io.sessionize.cli;

import io.sessionize.job.BatchReport;
import io.sessionize.job.RunListener;
import io.sessionize.progress.Progress;
import io.sessionize.spark.ReadProgressListener;
import java.io.PrintStream;
import org.apache.spark.sql.SparkSession;

/**
 * Shows how many of the planned offsets a run has read, where there is a terminal to show it on.
 */
final class RunProgress implements RunListener, AutoCloseable {
  private final PrintStream err;
  private final ReportPrinter printer;
  private Progress bar;
  private long planned;
  private long committed;

  RunProgress(SparkSession spark, PrintStream err, ReportPrinter printer) {
    this.err = err;
    this.printer = printer;
    // A record is not quite an offset, but Spark counts no others.
    spark.sparkContext().addSparkListener(new ReadProgressListener(this::read));
  }

  @Override
  public synchronized void planned(long offsets) {
    planned = offsets;
    bar = Progress.onTerminal(err, "read", "offsets", offsets);
  }

  private synchronized void read(long records) {
    if (bar != null) {
      bar.show(records);
    }
  }

  @Override
  public synchronized void batch(BatchReport batch) {
    committed += batch.offsets();
    read(committed);
    // The line is the terminal's next one, and what is still to be read has a bar of its own.
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
