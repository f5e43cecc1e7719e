package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.job.BatchReport;
import io.sessionize.job.ColumnRecompute;
import io.sessionize.job.CrashPoint;
import io.sessionize.job.Job;
import io.sessionize.spark.SparkJobs;
import java.io.PrintStream;
import java.time.LocalDate;
import java.util.List;
import java.util.SortedMap;

/** {@code recompute --columns-only}: fills the session columns of all rows, day by day. */
final class ColumnsOnly {
  private static final List<Opt> OF_OTHERS =
      List.of(Opt.FROM_DATE, Opt.TO_DATE, Opt.USER, Opt.USERS_FILE, Opt.KEEP_BRANCH, Opt.HTML);

  private ColumnsOnly() {}

  /**
   * Checks the command line.
   *
   * @throws Failure of usage
   */
  static TableCommand.PreparedCommand check(Arguments arguments, JobOptions options) {
    for (Opt opt : OF_OTHERS) {
      if (arguments.has(opt)) {
        throw Failure.usage(
            "--columns-only fills the session columns of all rows: omit --%s.", opt.longName());
      }
    }
    return context -> execute(options.job(context.names()), context);
  }

  private static void execute(Job job, TableContext context) {
    boolean apply = !context.arguments().has(Opt.WHAT_IF);
    Days days = new Days(context.out(), apply);
    ColumnRecompute<?> recompute =
        SparkJobs.columnRecompute(context.spark(), job, days, CrashPoint.Probe.NONE);
    BatchReport done = apply ? recompute.execute() : recompute.whatIf();
    long failed = done.sessions().failedColumns();
    if (failed > 0) {
      context.out().printf("failed_columns %d%n", failed);
    }
    context.out().println(result(job, done, apply));
    new BatchPrinter(context.out()).warnOfDamaged(done);
    RunReport.of(RecomputeCommand.NAME, job.names(), done).write(context.arguments());
  }

  private static String result(Job job, BatchReport done, boolean apply) {
    String table = job.names().table();
    if (!apply) {
      return String.format(
          "what if: %s is unchanged; %d of its rows would change",
          table, done.sessions().changed());
    }
    return done.isNothing()
        ? String.format("nothing to do: all rows of %s follow its session columns", table)
        : String.format(
            "done: all rows of %s follow its session columns; %d have changed",
            table, done.sessions().changed());
  }

  /** Prints a line for each day. */
  private static final class Days implements ColumnRecompute.Listener {
    private final PrintStream out;
    private final boolean apply;
    private int all;
    private int done;

    Days(PrintStream out, boolean apply) {
      this.out = out;
      this.apply = apply;
    }

    @Override
    public void left(int days) {
      all = done + days;
    }

    @Override
    public void filled(LocalDate day, long changed) {
      out.printf(
          "%s  %d rows %s  (day %d of %d)%n",
          day, changed, apply ? "changed" : "would change", ++done, all);
    }

    @Override
    public void computed(SortedMap<String, Long> rows) {
      ChangedColumns.print(out, rows);
    }
  }
}
