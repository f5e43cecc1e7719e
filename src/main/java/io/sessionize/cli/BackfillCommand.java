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
import io.sessionize.spark.WarehouseAccess;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;

/** {@code backfill}: reads a range of offsets and corrects its sessions. */
final class BackfillCommand extends TableCommand {
  private static final String NAME = "backfill";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String summary() {
    return "Read a range of offsets, read before or not, and correct its sessions";
  }

  @Override
  public List<Opt> options() {
    return Opts.join(
        Opt.FROM,
        Opt.TO,
        Opt.FROM_TIME,
        Opt.TO_TIME,
        Opt.USER,
        Opt.USERS_FILE,
        Opt.DRY_RUN,
        Opt.NO_IDS,
        OptGroup.KAFKA,
        OptGroup.TABLES,
        OptGroup.RULES,
        Opt.DEFINITION,
        OptGroup.EVENT_TIMES,
        OptGroup.REPORTS,
        OptGroup.SPARK,
        OptGroup.LOGGING);
  }

  @Override
  WarehouseAccess access(Arguments arguments) {
    return arguments.has(Opt.DRY_RUN) ? WarehouseAccess.READ : WarehouseAccess.CHANGE;
  }

  @Override
  String onSignal() {
    return "nothing is lost; run it again.";
  }

  @Override
  PreparedCommand check(Arguments arguments) {
    JobOptions options = JobOptions.read(arguments);
    RunReport.requireWritable(arguments);
    checkRange(arguments);
    GivenUsers users = GivenUsers.of(arguments);
    return new Backfilling(arguments, options, users, KafkaOptions.ranges(arguments));
  }

  /** The backfill. Kafka resolves its range before Spark starts. */
  private static final class Backfilling implements PreparedCommand {
    private final Arguments arguments;
    private final JobOptions options;
    private final GivenUsers users;
    private final KafkaReadOptions source;
    private OffsetRange range;

    Backfilling(
        Arguments arguments, JobOptions options, GivenUsers users, KafkaReadOptions source) {
      this.arguments = arguments;
      this.options = options;
      this.users = users;
      this.source = source;
    }

    @Override
    public void askServices() {
      KafkaTopic topic = KafkaTopic.describe(source.connection(), source.topic());
      range = range(arguments, source.connection(), topic);
      topic.requireHolds(range);
    }

    @Override
    public void execute(TableContext context) {
      SparkSession spark = context.spark();
      Job job = options.job(context.names());
      boolean apply = !arguments.has(Opt.DRY_RUN);
      Backfilled done;
      try (RunProgress progress =
          new RunProgress(spark, System.err, new BatchPrinter(context.out()))) {
        progress.planned(range.to().since(range.from()));
        done =
            SparkJobs.backfill(spark, job, source, CrashPoint.Probe.NONE)
                .execute(range, users.ids(), apply);
      }
      new BackfillPrinter(context.out(), !arguments.has(Opt.NO_IDS)).print(range, done, apply);
      users.warnUnless(done.preview().users(), "event in this range");
      RunReport report = RunReport.of(NAME, job.names(), done.batch());
      (apply ? report.publishedIn(context) : report).write(arguments);
    }
  }

  /** Checks the range as far as that needs no Kafka. */
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
        : OffsetSpecifier.named(text, DefinitionOptions.topic(arguments));
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
    // If one end names all partitions of the topic, the partitions of the other end count.
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
