package io.sessionize.cli;

import io.sessionize.job.BatchReport;
import io.sessionize.job.CrashPoint;
import io.sessionize.job.Job;
import io.sessionize.spark.SampleRun;
import io.sessionize.spark.SparkSessions;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.SparkSession;

/** {@code run --test-mode}: sessionizes the bundled sample with the same code, without Kafka. */
final class TestMode {
  private static final int ROWS = 100;

  private TestMode() {}

  static void execute(JobOptions options, Arguments arguments, PrintStream out) throws IOException {
    Interruption.onSignalPrint("nothing is kept.");
    Path warehouse = Files.createTempDirectory("sessionize-test-mode-");
    try (SparkSession spark =
        SparkSessions.startEmbedded(warehouse, SparkOptions.settings(arguments))) {
      TableContext context = new TableContext(spark, arguments, out);
      Job job = options.job(context.names());
      BatchPrinter printer = new BatchPrinter(out);
      BatchReport done = new SampleRun(spark, job, CrashPoint.Probe.NONE).execute();
      printer.batch(done);
      RunCommand.report(RunReport.of(RunCommand.NAME, job.names(), done), context);
      ConsoleTable.print(
          out,
          spark
              .table(job.names().live())
              .select(
                  "session_id",
                  "session_start",
                  "session_duration_seconds",
                  "event_count",
                  "pages_visited",
                  "is_open")
              .orderBy("session_start", "session_id"),
          ROWS,
          ConsoleTable.Layout.DEFAULT);
    } finally {
      FileUtils.deleteDirectory(warehouse.toFile());
    }
  }
}
