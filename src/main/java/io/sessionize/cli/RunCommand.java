package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.job.BatchReport;
import io.sessionize.job.CrashPoint;
import io.sessionize.job.Job;
import io.sessionize.job.Run;
import io.sessionize.source.KafkaConnection;
import io.sessionize.source.KafkaReadOptions;
import io.sessionize.source.KafkaTopic;
import io.sessionize.spark.SparkJobs;
import io.sessionize.spark.SparkSessions;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.SparkSession;

/** {@code run}: sessionizes what the topic holds and the tables do not. */
final class RunCommand implements Command {
  /** What the original called its one pipeline; its command lines still work. */
  private static final String PIPELINE = "user_sessionization_pipeline";

  @Override
  public String name() {
    return "run";
  }

  @Override
  public String summary() {
    return "Sessionize what the topic holds and the tables do not";
  }

  @Override
  public String words() {
    return "[" + PIPELINE + "]";
  }

  @Override
  public List<Opt> options() {
    List<Opt> options = new ArrayList<>();
    options.add(Opt.KAFKA_SERVERS);
    options.add(Opt.KAFKA_TOPIC);
    options.add(Opt.KAFKA_PROPERTIES);
    options.addAll(JobOptions.ALL);
    options.add(Opt.WAREHOUSE);
    options.add(Opt.CHECKPOINT_LOCATION);
    options.add(Opt.MAX_OFFSETS_PER_TRIGGER);
    options.add(Opt.FAIL_ON_DATA_LOSS);
    options.add(Opt.TRIGGER);
    options.add(Opt.TEST_MODE);
    options.add(Opt.REPORT);
    options.add(Opt.METRICS_FILE);
    options.add(Opt.SPARK_CONF);
    options.add(Opt.LOG_LEVEL);
    options.add(Opt.VERBOSE);
    options.add(Opt.HELP);
    return options;
  }

  @Override
  public void execute(Arguments arguments, PrintStream out) throws Exception {
    arguments.expectWords(List.of(PIPELINE));
    JobOptions.read(arguments, "unknown yet");
    JobOptions.warnOfUnlikely(arguments);
    RunReport.requireWritable(arguments);
    if (arguments.has(Opt.TEST_MODE)) {
      TestMode.execute(arguments, out);
      return;
    }
    KafkaConnection connection =
        KafkaConnection.of(arguments.text(Opt.KAFKA_SERVERS), arguments.text(Opt.KAFKA_PROPERTIES));
    KafkaReadOptions source =
        new KafkaReadOptions(
            connection,
            arguments.topic(Opt.KAFKA_TOPIC),
            arguments.number(Opt.MAX_OFFSETS_PER_TRIGGER),
            Boolean.parseBoolean(arguments.choice(Opt.FAIL_ON_DATA_LOSS)));
    Duration trigger = arguments.duration(Opt.TRIGGER);
    if (trigger != null && trigger.isZero()) {
      throw Failure.usage("--trigger must be longer than 0, such as 10s.");
    }
    CountDownLatch stop = new CountDownLatch(1);
    if (trigger == null) {
      Interruption.endsTheProcess("the next run goes on where this one was.");
    } else {
      Interruption.asksToStop(stop);
    }
    String warehouse = arguments.text(Opt.WAREHOUSE);
    SparkSessions.check(warehouse, arguments.pairs(Opt.SPARK_CONF));
    // Asked before Spark is started, which takes seconds: a typo should not.
    KafkaTopic.describe(connection, source.topic());
    try (SparkSession spark = SparkSessions.start(warehouse, arguments.pairs(Opt.SPARK_CONF))) {
      Job job = JobOptions.read(arguments, SparkSessions.catalog(spark));
      ReportPrinter printer = new ReportPrinter(out);
      String checkpoint = checkpoint(arguments, warehouse);
      if (trigger == null) {
        BatchReport done;
        try (RunProgress progress = new RunProgress(spark, System.err, printer)) {
          done =
              SparkJobs.run(spark, job, source, checkpoint, progress, CrashPoint.Probe.NONE)
                  .execute(() -> false);
        }
        printer.run(done);
        RunReport.of(name(), job.names(), done).write(arguments);
      } else {
        Run<?> run =
            SparkJobs.run(spark, job, source, checkpoint, printer::batch, CrashPoint.Probe.NONE);
        continuously(run, job, trigger, stop, printer, arguments);
      }
    }
  }

  /** Each look is a run of its own, so that silence closes sessions here too. */
  private void continuously(
      Run<?> run,
      Job job,
      Duration trigger,
      CountDownLatch stop,
      ReportPrinter printer,
      Arguments arguments)
      throws InterruptedException {
    long next = System.nanoTime();
    while (!stop.await(next - System.nanoTime(), TimeUnit.NANOSECONDS)) {
      next = Math.max(next + trigger.toNanos(), System.nanoTime());
      Instant started = Instant.now();
      BatchReport done = run.execute(() -> stop.getCount() == 0);
      printer.setAside(done);
      RunReport.since(started, name(), job.names(), done).write(arguments);
    }
  }

  private static String checkpoint(Arguments arguments, String warehouse) {
    String given = arguments.text(Opt.CHECKPOINT_LOCATION);
    if (given != null) {
      return given;
    }
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
