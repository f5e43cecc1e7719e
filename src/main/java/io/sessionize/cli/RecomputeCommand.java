package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.audit.Comparison;
import io.sessionize.job.BatchReport;
import io.sessionize.job.CrashPoint;
import io.sessionize.job.Job;
import io.sessionize.job.Recomputation;
import io.sessionize.job.Recompute;
import io.sessionize.job.Recomputed;
import io.sessionize.report.ComparisonPage;
import io.sessionize.session.Rules;
import io.sessionize.spark.SparkJobs;
import io.sessionize.spark.WarehouseAccess;
import io.sessionize.table.BranchRemoval;
import io.sessionize.table.References;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;

/** {@code recompute}: recomputes sessions from their stored events, without Kafka. */
final class RecomputeCommand extends TableCommand {
  static final String NAME = "recompute";
  private static final int DAYS = 400;
  private static final int USERS = 20;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String summary() {
    return "Recompute sessions from their stored events: all of them under the given rules, or a"
        + " part under the recorded rules";
  }

  @Override
  public List<Opt> options() {
    return Opts.join(
        Opt.FROM_DATE,
        Opt.TO_DATE,
        Opt.USER,
        Opt.USERS_FILE,
        Opt.WHAT_IF,
        Opt.KEEP_BRANCH,
        Opt.HTML,
        Opt.COLUMNS_ONLY,
        OptGroup.TABLES,
        OptGroup.RULES,
        Opt.DEFINITION,
        OptGroup.REPORTS,
        OptGroup.SPARK,
        OptGroup.LOGGING);
  }

  @Override
  WarehouseAccess access(Arguments arguments) {
    return WarehouseAccess.CHANGE;
  }

  @Override
  String onSignal() {
    return "nothing is lost; run it again.";
  }

  @Override
  PreparedCommand check(Arguments arguments) {
    JobOptions options = JobOptions.read(arguments);
    RunReport.requireWritable(arguments);
    if (arguments.has(Opt.COLUMNS_ONLY)) {
      return ColumnsOnly.check(arguments, options);
    }
    Recomputation what = what(arguments);
    for (Opt opt : List.of(Opt.KEEP_BRANCH, Opt.HTML)) {
      if (arguments.has(opt) && !arguments.has(Opt.WHAT_IF)) {
        throw Failure.usage(
            "--%s needs --what-if: without it, the table itself is changed.", opt.longName());
      }
    }
    HtmlFile html = arguments.has(Opt.HTML) ? HtmlFile.read(arguments) : null;
    return context -> execute(options.job(context.names()), what, html, context);
  }

  private static void execute(Job job, Recomputation what, HtmlFile html, TableContext context)
      throws IOException {
    boolean apply = !context.arguments().has(Opt.WHAT_IF);
    boolean keep = context.arguments().has(Opt.KEEP_BRANCH);
    // A name of its own, so that two commands at the same time do not remove each other's branch.
    String branch = References.newBranch();
    Recompute<?> recompute = SparkJobs.recompute(context.spark(), job, CrashPoint.Probe.NONE);
    Recomputed done =
        apply || keep ? recompute.execute(what, apply) : recompute.whatIf(what, branch);
    try {
      Comparison comparison =
          new Comparison(context.spark(), job.names(), done.before(), done.after());
      print(done, comparison, context.out());
      if (html != null) {
        html.write(
            new ComparisonPage(comparison, done.recorded(), done.rules()).page(Instant.now()));
        context.out().println("page: " + html.path());
      }
    } finally {
      if (!apply && !keep) {
        BranchRemoval.remove(context.tables().sessionsTable(), branch);
      }
    }
    context.out().println(apply ? result(done.rules(), what) : whatIf(job, keep));
    GivenUsers users = new GivenUsers(what.users());
    users.warnUnless(users.inTables(context.spark(), job.names()), "session");
    new BatchPrinter(context.out()).warnOfDamaged(done.batch());
    RunReport.of(NAME, job.names(), done.batch()).write(context.arguments());
  }

  private static Recomputation what(Arguments arguments) {
    LocalDate from = arguments.date(Opt.FROM_DATE);
    LocalDate to = arguments.date(Opt.TO_DATE);
    if (from != null && to != null && from.isAfter(to)) {
      throw Failure.usage("--from-date %s is after --to-date %s.", from, to);
    }
    return new Recomputation(from, to, GivenUsers.of(arguments).ids());
  }

  private static void print(Recomputed done, Comparison comparison, PrintStream out) {
    BatchReport.Sessions sessions = done.batch().sessions();
    out.printf(
        "sessions  %d added, %d changed, %d removed; %d open afterwards%n",
        sessions.added(), sessions.changed(), sessions.removed(), sessions.open());
    if (done.before() != done.after()) {
      ConsoleTable.print(out, comparison.days(), DAYS, ConsoleTable.Layout.DEFAULT);
      out.println("users who differ most, and what ends the sessions that only one side has");
      ConsoleTable.print(out, comparison.users(), USERS, ConsoleTable.Layout.DEFAULT);
      ChangedColumns.print(out, comparison.changedColumns());
    }
  }

  private static String whatIf(Job job, boolean keep) {
    return keep
        ? String.format(
            "what if: %s is unchanged; the result is on its branch %s for 7 days",
            job.names().table(), Recompute.WHAT_IF)
        : String.format("what if: %s is unchanged", job.names().table());
  }

  private static String result(Rules rules, Recomputation what) {
    return what.isWhole()
        ? "done: these are the table's rules from now on (" + rules.shown() + ")"
        : "done: under the table's rules (" + rules.shown() + ")";
  }
}
