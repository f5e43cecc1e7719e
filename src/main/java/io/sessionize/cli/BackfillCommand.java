package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.job.Backfilled;
import io.sessionize.job.CrashPoint;
import io.sessionize.job.Job;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.source.KafkaConnection;
import io.sessionize.source.KafkaReadOptions;
import io.sessionize.source.KafkaTopic;
import io.sessionize.source.OffsetSpecifier;
import io.sessionize.spark.SparkJobs;
import io.sessionize.spark.SparkSessions;
import java.io.PrintStream;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.SparkSession;

/** {@code backfill}: puts a range of offsets right. */
final class BackfillCommand implements Command {

  @Override
  public String name() {
    return "backfill";
  }

  @Override
  public String summary() {
    return "Put the sessions of a range of offsets right, read before or not";
  }

  @Override
  public List<Opt> options() {
    return List.of(
        Opt.FROM,
        Opt.TO,
        Opt.FROM_TIME,
        Opt.TO_TIME,
        Opt.USER,
        Opt.DRY_RUN,
        Opt.KAFKA_SERVERS,
        Opt.KAFKA_TOPIC,
        Opt.KAFKA_PROPERTIES,
        Opt.ICEBERG_DATABASE,
        Opt.ICEBERG_TABLE,
        Opt.INACTIVITY_TIMEOUT,
        Opt.MAX_SESSION_DURATION,
        Opt.BOUNDARY_RULE,
        Opt.END_SESSION_ON_PAGE,
        Opt.LATE_HORIZON,
        Opt.CLOCK_SKEW,
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
    JobOptions.read(arguments, "unknown yet");
    RunReport.requireWritable(arguments);
    checkRange(arguments);
    SparkSessions.check(arguments.text(Opt.WAREHOUSE), arguments.pairs(Opt.SPARK_CONF));
    Set<String> users = Set.copyOf(arguments.all(Opt.USER));
    KafkaConnection connection =
        KafkaConnection.of(arguments.text(Opt.KAFKA_SERVERS), arguments.text(Opt.KAFKA_PROPERTIES));
    KafkaReadOptions source =
        new KafkaReadOptions(connection, arguments.topic(Opt.KAFKA_TOPIC), null, true);
    // Asked before Spark is started, which takes seconds: a typo should not.
    KafkaTopic topic = KafkaTopic.describe(connection, source.topic());
    OffsetRange range = range(arguments, connection, topic);
    topic.requireHolds(range);
    Interruption.endsTheProcess("nothing was lost: start it again.");
    boolean apply = !arguments.has(Opt.DRY_RUN);
    try (SparkSession spark =
        SparkSessions.start(arguments.text(Opt.WAREHOUSE), arguments.pairs(Opt.SPARK_CONF))) {
      Job job = JobOptions.read(arguments, SparkSessions.catalog(spark));
      Backfilled done;
      try (RunProgress progress = new RunProgress(spark, System.err, new ReportPrinter(out))) {
        progress.planned(range.to().since(range.from()));
        done =
            SparkJobs.backfill(spark, job, source, CrashPoint.Probe.NONE)
                .execute(range, users, apply);
      }
      new BackfillPrinter(out).print(range, done, apply);
      RunReport.of(name(), job.names(), done.batch()).write(arguments);
    }
  }

  /** Judges the range as far as the command line alone tells it, before Kafka is asked. */
  private static void checkRange(Arguments arguments) {
    requireOne(arguments, Opt.FROM, Opt.FROM_TIME);
    requireOne(arguments, Opt.TO, Opt.TO_TIME);
    Optional<Offsets> from = named(arguments, Opt.FROM);
    Optional<Offsets> to = named(arguments, Opt.TO);
    if (from.isPresent() && to.isPresent()) {
      new OffsetRange(from.get(), to.get());
    }
    Instant begin = arguments.instant(Opt.FROM_TIME);
    Instant end = arguments.instant(Opt.TO_TIME);
    if (begin != null && end != null && begin.isAfter(end)) {
      throw Failure.usage("--from-time %s is after --to-time %s.", begin, end);
    }
  }

  private static Optional<Offsets> named(Arguments arguments, Opt opt) {
    String text = arguments.text(opt);
    return text == null
        ? Optional.empty()
        : OffsetSpecifier.named(text, arguments.topic(Opt.KAFKA_TOPIC));
  }

  private static void requireOne(Arguments arguments, Opt offsets, Opt time) {
    if ((arguments.text(offsets) == null) == (arguments.text(time) == null)) {
      throw Failure.usage(
          "Give either --%s or --%s, such as --%s 0:100,1:50 or --%s 2026-11-22T10:00:00Z.",
          offsets.longName(), time.longName(), offsets.longName(), time.longName());
    }
  }

  private static OffsetRange range(
      Arguments arguments, KafkaConnection connection, KafkaTopic topic) {
    Offsets from = end(arguments, Opt.FROM, Opt.FROM_TIME, connection, topic);
    Offsets to = end(arguments, Opt.TO, Opt.TO_TIME, connection, topic);
    boolean fromIsNamed = arguments.text(Opt.FROM) != null && !isAll(arguments.text(Opt.FROM));
    boolean toIsNamed = arguments.text(Opt.TO) != null && !isAll(arguments.text(Opt.TO));
    // Where one end is all of the topic's partitions, the other says which are meant.
    if (fromIsNamed && !toIsNamed) {
      return new OffsetRange(from, to.only(from));
    }
    return toIsNamed && !fromIsNamed
        ? new OffsetRange(from.only(to), to)
        : new OffsetRange(from, to);
  }

  private static boolean isAll(String offsets) {
    return offsets.equals("earliest") || offsets.equals("latest");
  }

  private static Offsets end(
      Arguments arguments, Opt offsets, Opt time, KafkaConnection connection, KafkaTopic topic) {
    String given = arguments.text(offsets);
    return given == null
        ? topic.at(connection, arguments.instant(time))
        : OffsetSpecifier.resolve(given, topic);
  }
}
