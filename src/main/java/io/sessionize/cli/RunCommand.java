package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.audit.Check;
import io.sessionize.audit.RecentCheck;
import io.sessionize.job.BatchReport;
import io.sessionize.job.CrashPoint;
import io.sessionize.job.Job;
import io.sessionize.job.Run;
import io.sessionize.source.KafkaReadOptions;
import io.sessionize.spark.SparkJobs;
import io.sessionize.spark.WarehouseAccess;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;

/** {@code run}: sessionizes the records of the topics that are not in the tables yet. */
final class RunCommand extends TableCommand {
  static final String NAME = "run";

  /** The name of the original's only pipeline: its command lines still work. */
  private static final String PIPELINE = "user_sessionization_pipeline";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String summary() {
    return "Sessionize the records of the topic that are not in the tables yet";
  }

  @Override
  public String words() {
    return "[" + PIPELINE + "]";
  }

  @Override
  public List<Opt> options() {
    return Opts.join(
        OptGroup.KAFKA,
        OptGroup.TABLES,
        OptGroup.RULES,
        Opt.DEFINITION,
        OptGroup.LATENESS,
        OptGroup.READING,
        Opt.SET_ASIDE_USERS,
        Opt.MAX_REJECTED,
        Opt.ACCEPT_REJECTED,
        Opt.RUN_TIME,
        OptGroup.CONTINUOUS,
        Opt.DROP_TOPIC,
        Opt.REBIND_TOPIC,
        Opt.FROM,
        Opt.YES,
        Opt.TEST_MODE,
        Opt.CHECK,
        Opt.NO_IDS,
        OptGroup.REPORTS,
        OptGroup.SPARK,
        OptGroup.LOGGING);
  }

  @Override
  WarehouseAccess access(Arguments arguments) {
    return WarehouseAccess.CREATE;
  }

  @Override
  String onSignal() {
    return "the next run continues where this one stopped.";
  }

  @Override
  void checkWords(Arguments arguments) {
    arguments.expectWords(List.of(PIPELINE));
  }

  @Override
  public void execute(Arguments arguments, PrintStream out) throws Exception {
    if (arguments.has(Opt.TEST_MODE)) {
      if (arguments.has(Opt.DEFINITION)) {
        throw Failure.usage(
            "--test-mode reads the bundled sample events: omit --definition, or give it to try.");
      }
      checkWords(arguments);
      RebindOptions.read(arguments);
      TestMode.execute(checkJob(arguments), arguments, out);
    } else {
      super.execute(arguments, out);
    }
  }

  @Override
  PreparedCommand check(Arguments arguments) {
    JobOptions options = checkJob(arguments);
    GivenSource source = GivenSource.of(KafkaOptions.run(arguments), arguments);
    Optional<RebindOptions> rebind = RebindOptions.read(arguments);
    Duration trigger = arguments.duration(Opt.TRIGGER);
    if (trigger == null) {
      for (Opt opt : OptGroup.CONTINUOUS.list()) {
        if (arguments.has(opt)) {
          throw Failure.usage("--%s is for a continuous run: give --trigger too.", opt.longName());
        }
      }
      return new OneRun(options, source, rebind, arguments.duration(Opt.STOP_AFTER));
    }
    if (arguments.has(Opt.STOP_AFTER)) {
      throw Failure.usage(
          "Give either --trigger or --stop-after: a continuous run ends by SIGTERM.");
    }
    if (arguments.has(Opt.CHECK)) {
      throw Failure.usage(
          "Give either --trigger or --check: run check --last beside a continuous run.");
    }
    if (arguments.has(Opt.RUN_TIME)) {
      throw Failure.usage(
          "Give either --trigger or --run-time: a continuous run follows this machine's clock.");
    }
    if (arguments.has(Opt.ACCEPT_REJECTED)) {
      throw Failure.usage(
          "Give either --trigger or --accept-rejected: it lets the batches of one run pass.");
    }
    if (trigger.isZero()) {
      throw Failure.usage("--trigger must be longer than 0, such as 10s.");
    }
    return new ContinuousRun(options, source, arguments);
  }

  private static JobOptions checkJob(Arguments arguments) {
    JobOptions options = JobOptions.read(arguments);
    JobOptions.warnOfUnlikely(arguments);
    RunReport.requireWritable(arguments);
    return options;
  }

  /**
   * One run, with its progress on a terminal.
   *
   * @param rebind how the tables are bound to another topic first
   * @param stopAfter time since the start of the process after which no batch begins, except the
   *     first: each run moves the tables on; null for no limit
   */
  private record OneRun(
      JobOptions options, GivenSource given, Optional<RebindOptions> rebind, Duration stopAfter)
      implements PreparedCommand {

    @Override
    public void askServices() {
      given.ask();
    }

    @Override
    public void execute(TableContext context) throws IOException {
      SparkSession spark = context.spark();
      Job job = options.job(context.names());
      KafkaReadOptions source = given.on(context.tables().findBase(), options.dropped());
      String checkpoint = checkpoint(context.arguments());
      rebind.ifPresent(binding -> binding.execute(context, job, source, checkpoint));
      BatchPrinter printer = new BatchPrinter(context.out());
      BatchReport done;
      long left;
      try (RunProgress progress = new RunProgress(spark, System.err, printer)) {
        Run<?> run = SparkJobs.run(spark, job, source, checkpoint, progress, CrashPoint.Probe.NONE);
        done = run.execute(() -> progress.hasCommitted() && isLate());
        left = progress.left();
      }
      printer.run(done);
      if (left > 0) {
        context
            .out()
            .printf("stopped as --stop-after says: %d offsets are left for the next run%n", left);
      }
      RowsFile.write(job.names(), done);
      report(RunReport.of(NAME, job.names(), done).publishedIn(context), context);
    }

    private boolean isLate() {
      long started = ManagementFactory.getRuntimeMXBean().getStartTime();
      return stopAfter != null && System.currentTimeMillis() - started >= stopAfter.toMillis();
    }
  }

  /**
   * Writes the reports, and checks what the run changed if the command line says so.
   *
   * @throws Failure of broken invariants; other, if a report cannot be written
   */
  static void report(RunReport report, TableContext context) throws IOException {
    // Before the check too: the run is complete even if the check fails.
    Optional<Failure> unwritten = report.tryWrite(context.arguments());
    if (context.arguments().has(Opt.CHECK)) {
      unwritten = check(report, context);
    }
    if (unwritten.isPresent()) {
      throw unwritten.get();
    }
  }

  private static Optional<Failure> check(RunReport report, TableContext context)
      throws IOException {
    long started = System.nanoTime();
    Check check = new Check(context.spark(), context.names(), recorded -> recorded);
    try (RecentCheck recent = check.ofLastRuns(1)) {
      CheckPrinter printer = new CheckPrinter(context, RowPrinter.Form.TABLE);
      long violations = printer.print(recent.holds(), recent::violations);
      long milliseconds = Duration.ofNanos(System.nanoTime() - started).toMillis();
      RunReport.Checked checked = new RunReport.Checked(violations, milliseconds);
      Optional<Failure> unwritten = report.with(checked).tryWrite(context.arguments());
      // Rows that break an invariant are a worse failure than a missing report.
      printer.recent(recent, 1, violations);
      return unwritten;
    }
  }

  /** Returns the folder of Spark's checkpoint. */
  static String checkpoint(Arguments arguments) {
    String given = arguments.text(Opt.CHECKPOINT_LOCATION);
    if (given != null) {
      return given;
    }
    String warehouse = arguments.text(Opt.WAREHOUSE);
    String folder =
        "_checkpoints/"
            + arguments.name(Opt.ICEBERG_DATABASE)
            + "."
            + arguments.name(Opt.ICEBERG_TABLE);
    return warehouse.contains(":/")
        ? warehouse.replaceAll("/+$", "") + "/" + folder
        : Path.of(warehouse).toAbsolutePath().resolve(folder).toString();
  }
}
