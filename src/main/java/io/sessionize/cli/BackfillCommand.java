package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.job.Backfilled;
import io.sessionize.job.CrashPoint;
import io.sessionize.job.Job;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.source.KafkaConnection;
import io.sessionize.source.KafkaReadOptions;
import io.sessionize.source.KafkaTopics;
import io.sessionize.source.OffsetSpecifier;
import io.sessionize.spark.SparkJobs;
import io.sessionize.spark.WarehouseAccess;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
    return new Backfilling(
        arguments, options, users, GivenSource.of(KafkaOptions.ranges(arguments), arguments));
  }

  /** The backfill. Kafka resolves its range, before Spark starts if the topic is given. */
  private static final class Backfilling implements PreparedCommand {
    private final Arguments arguments;
    private final JobOptions options;
    private final GivenUsers users;
    private final GivenSource given;
    private OffsetRange range;

    Backfilling(Arguments arguments, JobOptions options, GivenUsers users, GivenSource given) {
      this.arguments = arguments;
      this.options = options;
      this.users = users;
      this.given = given;
    }

    @Override
    public void askServices() {
      if (given.isNamed()) {
        range = range(given.options());
      } else {
        given.ask();
      }
    }

    private OffsetRange range(KafkaReadOptions source) {
      KafkaTopics topics = KafkaTopics.describe(source.connection(), source.topics());
      OffsetRange all = BackfillCommand.range(arguments, source.connection(), topics);
      topics.requireHolds(all);
      return all;
    }

    @Override
    public void execute(TableContext context) {
      SparkSession spark = context.spark();
      Job job = options.job(context.names());
      KafkaReadOptions source = given.on(context.tables().findBase(), Set.of());
      if (range == null) {
        range = range(source);
      }
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
        : OffsetSpecifier.named(
            text, DefinitionOptions.topics(arguments), DefinitionOptions.nameTopics(arguments));
  }

  private static void requireOne(Arguments arguments, Opt offsets, Opt time) {
    if ((arguments.text(offsets) == null) == (arguments.text(time) == null)) {
      throw Failure.usage(
          "Give either --%s or --%s, such as --%s 0:100,1:50 or --%s 2026-11-22T10:00:00Z.",
          offsets.longName(), time.longName(), offsets.longName(), time.longName());
    }
  }

  private static OffsetRange range(
      Arguments arguments, KafkaConnection connection, KafkaTopics topics) {
    Offsets from = end(arguments, Opt.FROM, Opt.FROM_TIME, connection, topics);
    Offsets to = end(arguments, Opt.TO, Opt.TO_TIME, connection, topics);
    boolean fromIsNamed = arguments.text(Opt.FROM) != null && !isAll(arguments.text(Opt.FROM));
    boolean toIsNamed = arguments.text(Opt.TO) != null && !isAll(arguments.text(Opt.TO));
    // If one end names all partitions of the topics, the partitions of the other end count.
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
      Arguments arguments, Opt offsets, Opt time, KafkaConnection connection, KafkaTopics topics) {
    String given = arguments.text(offsets);
    return given == null
        ? topics.at(connection, arguments.instant(time))
        : OffsetSpecifier.resolve(given, topics);
  }
}
