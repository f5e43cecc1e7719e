package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.job.Job;
import io.sessionize.report.HtmlReport;
import io.sessionize.spark.SparkSessions;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.apache.spark.sql.SparkSession;

/** {@code report}: a page to look at. */
final class ReportCommand implements Command {
  @Override
  public String name() {
    return "report";
  }

  @Override
  public String summary() {
    return "Draw the sessions and the runs as one HTML page";
  }

  @Override
  public List<Opt> options() {
    return List.of(
        Opt.HTML,
        Opt.FUNNEL,
        Opt.ICEBERG_DATABASE,
        Opt.ICEBERG_TABLE,
        Opt.WAREHOUSE,
        Opt.SPARK_CONF,
        Opt.LOG_LEVEL,
        Opt.VERBOSE,
        Opt.HELP);
  }

  @Override
  public void execute(Arguments arguments, PrintStream out) {
    arguments.expectWords(List.of());
    Path file = file(arguments);
    List<String> funnel = arguments.list(Opt.FUNNEL);
    if (funnel.isEmpty()) {
      throw Failure.usage("Give --funnel at least one page, such as --funnel home,search,booking.");
    }
    JobOptions.read(arguments, "unknown yet");
    Interruption.endsTheProcess("the report was not finished.");
    try (SparkSession spark =
        SparkSessions.start(arguments.text(Opt.WAREHOUSE), arguments.pairs(Opt.SPARK_CONF))) {
      Job job = JobOptions.read(arguments, SparkSessions.catalog(spark));
      write(file, new HtmlReport(spark, job.names(), funnel).page(Instant.now()));
    }
    out.println("report: " + file);
  }

  private static Path file(Arguments arguments) {
    String text = arguments.text(Opt.HTML);
    if (text == null || text.isBlank()) {
      throw Failure.usage("Say where the page goes: --html FILE.");
    }
    Path file = Path.of(text);
    Path folder = file.toAbsolutePath().getParent();
    if (Files.isDirectory(file) || folder == null || !Files.isDirectory(folder)) {
      throw Failure.usage("--html %s cannot be written: its folder has to be there.", text);
    }
    return file;
  }

  private static void write(Path file, String page) {
    try {
      Files.writeString(file, page, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw Failure.usage("--html %s cannot be written (%s).", file, e.getClass().getSimpleName());
    }
  }
}
