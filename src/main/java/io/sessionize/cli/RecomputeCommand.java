package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.audit.DailyDifference;
import io.sessionize.job.CrashPoint;
import io.sessionize.job.Job;
import io.sessionize.job.Recomputation;
import io.sessionize.job.Recompute;
import io.sessionize.job.Recomputed;
import io.sessionize.session.Rules;
import io.sessionize.spark.SparkJobs;
import io.sessionize.spark.SparkSessions;
import io.sessionize.table.SessionTables;
import java.io.PrintStream;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** {@code recompute}: makes stored sessions anew from their own events, without Kafka. */
final class RecomputeCommand implements Command {
  private static final int DAYS = 400;

  @Override
  public String name() {
    return "recompute";
  }

  @Override
  public String summary() {
    return "Make stored sessions anew from their own events: all of them under the rules given, or a part under the recorded ones";
  }

  @Override
  public List<Opt> options() {
    return List.of(
        Opt.FROM_DATE,
        Opt.TO_DATE,
        Opt.USER,
        Opt.WHAT_IF,
        Opt.INACTIVITY_TIMEOUT,
        Opt.MAX_SESSION_DURATION,
        Opt.BOUNDARY_RULE,
        Opt.END_SESSION_ON_PAGE,
        Opt.ICEBERG_DATABASE,
        Opt.ICEBERG_TABLE,
        Opt.WAREHOUSE,
        Opt.REPORT,
        Opt.METRICS_FILE,
        Opt.SPARK_CONF,
        Opt.LOG_LEVEL,
        Opt.VERBOSE,
        Opt.HELP);
  }

  @Override
  public void execute(Arguments arguments, PrintStream out) {
    arguments.expectWords(List.of());
    JobOptions.rules(arguments);
    RunReport.requireWritable(arguments);
    Recomputation what = what(arguments);
    Interruption.endsTheProcess("nothing was lost: start it again.");
    boolean apply = !arguments.has(Opt.WHAT_IF);
    try (SparkSession spark =
        SparkSessions.start(arguments.text(Opt.WAREHOUSE), arguments.pairs(Opt.SPARK_CONF))) {
      Job job = job(arguments, spark, what);
      Recomputed done = SparkJobs.recompute(spark, job, CrashPoint.Probe.NONE).execute(what, apply);
      print(done, DailyDifference.between(spark, job.names(), done.before(), done.after()), out);
      out.println(told(job, what, apply));
      ReportPrinter.warnOfDamaged(done.batch());
      RunReport.of(name(), job.names(), done.batch()).write(arguments);
    }
  }

  /** A part follows the recorded rules, where none are given. */
  private static Job job(Arguments arguments, SparkSession spark, Recomputation what) {
    Job job = JobOptions.read(arguments, SparkSessions.catalog(spark));
    if (what.isWhole()) {
      return job;
    }
    String recorded = new SessionTables(spark, job.names()).base().open().rules();
    return job.withRules(GivenRules.read(arguments).apply(Rules.parse(recorded)));
  }

  private static Recomputation what(Arguments arguments) {
    LocalDate from = arguments.date(Opt.FROM_DATE);
    LocalDate to = arguments.date(Opt.TO_DATE);
    if (from != null && to != null && from.isAfter(to)) {
      throw Failure.usage("--from-date %s is after --to-date %s.", from, to);
    }
    return new Recomputation(from, to, Set.copyOf(arguments.all(Opt.USER)));
  }

  private static void print(Recomputed done, Dataset<Row> difference, PrintStream out) {
    Map<String, Long> counts = done.batch().counts();
    long removed = counts.get("ids_changed");
    out.printf(
        "sessions  %d added, %d changed, %d removed; %d open afterwards%n",
        counts.get("closed"), counts.get("restated") - removed, removed, counts.get("open"));
    if (done.before() != done.after()) {
      out.print(ConsoleTable.of(difference, DAYS));
    }
  }

  private static String told(Job job, Recomputation what, boolean apply) {
    if (!apply) {
      return String.format(
          "what if: %s stands as it was; the result is on its branch %s for 7 days",
          job.names().table(), Recompute.WHAT_IF);
    }
    return what.isWhole()
        ? "done: these are the table's rules from now on (" + job.rules().text() + ")"
        : "done: by the table's rules (" + job.rules().text() + ")";
  }
}
