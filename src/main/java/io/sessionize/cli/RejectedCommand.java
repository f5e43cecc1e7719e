package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.audit.Rejections;
import io.sessionize.event.Decoded.Reason;
import io.sessionize.event.registry.RegistrySettings;
import io.sessionize.job.Backfilled;
import io.sessionize.job.CrashPoint;
import io.sessionize.job.Job;
import io.sessionize.spark.SparkJobs;
import io.sessionize.spark.WarehouseAccess;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** {@code rejected}: lists rejected records, and takes them in where they are events now. */
final class RejectedCommand extends TableCommand {
  private static final String NAME = "rejected";
  private static final String RETRY = "retry";

  private static final List<Opt> OF_LIST =
      Opts.join(Opt.TOPIC, Opt.SINCE, Opt.SAMPLES, Opt.VALUES, OptGroup.ROWS);
  private static final List<Opt> OF_RETRY =
      Opts.join(
          Opt.KAFKA_PROPERTIES,
          Opt.DRY_RUN,
          Opt.NO_IDS,
          Opt.DEFINITION,
          OptGroup.RULES,
          OptGroup.EVENT_TIMES,
          OptGroup.REPORTS);

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String summary() {
    return "List the rejected records by reason and topic; retry: decode them again, and take in"
        + " those that are events now";
  }

  @Override
  public String words() {
    return "[" + RETRY + "]";
  }

  @Override
  public List<Opt> options() {
    return Opts.join(
        Opt.REASON,
        () -> OF_LIST,
        () -> OF_RETRY,
        OptGroup.TABLES,
        OptGroup.SPARK,
        OptGroup.LOGGING);
  }

  @Override
  WarehouseAccess access(Arguments arguments) {
    return isRetry(arguments) && !arguments.has(Opt.DRY_RUN)
        ? WarehouseAccess.CHANGE
        : WarehouseAccess.READ;
  }

  @Override
  String onSignal() {
    return "nothing is lost; run it again.";
  }

  @Override
  void checkWords(Arguments arguments) {
    arguments.expectWords(List.of(RETRY));
    boolean retry = isRetry(arguments);
    for (Opt opt : retry ? OF_LIST : OF_RETRY) {
      if (arguments.has(opt)) {
        throw Failure.usage(
            "--%s is not an option of %s%s.", opt.longName(), NAME, retry ? " " + RETRY : "");
      }
    }
  }

  private static boolean isRetry(Arguments arguments) {
    return !arguments.words().isEmpty();
  }

  @Override
  PreparedCommand check(Arguments arguments) {
    String reason = reason(arguments);
    if (isRetry(arguments)) {
      JobOptions options = JobOptions.read(arguments);
      RegistrySettings registries = KafkaOptions.registries(arguments);
      RunReport.requireWritable(arguments);
      return context -> retry(options.job(context.names()), registries, reason, context);
    }
    if (arguments.has(Opt.VALUES) && !arguments.has(Opt.SAMPLES)) {
      throw Failure.usage("--values needs --samples: without it, no single record is shown.");
    }
    Duration since = arguments.duration(Opt.SINCE);
    Rejections.Selection selection =
        new Rejections.Selection(
            reason,
            arguments.has(Opt.TOPIC) ? arguments.topic(Opt.TOPIC) : null,
            since == null ? null : Instant.now().minus(since));
    RowPrinter.Form form = RowPrinter.Form.read(arguments);
    return context -> list(selection, new RowPrinter(context.out(), form), context);
  }

  private static String reason(Arguments arguments) {
    String given = arguments.text(Opt.REASON);
    List<String> known = Stream.of(Reason.values()).map(Reason::text).toList();
    if (given != null && !known.contains(given)) {
      throw Failure.usage("--reason must be one of %s, not '%s'.", String.join(", ", known), given);
    }
    return given;
  }

  private static void list(Rejections.Selection selection, RowPrinter printer, TableContext context)
      throws IOException {
    Arguments arguments = context.arguments();
    Rejections rejections = new Rejections(context.spark(), context.tables(), selection);
    Long samples = arguments.number(Opt.SAMPLES);
    printer.print(
        samples == null
            ? rejections.counts()
            : rejections.samples(samples, arguments.has(Opt.VALUES)));
  }

  private static void retry(
      Job job, RegistrySettings registries, String reason, TableContext context) {
    boolean apply = !context.arguments().has(Opt.DRY_RUN);
    Backfilled done =
        SparkJobs.retry(context.spark(), job, registries, CrashPoint.Probe.NONE)
            .execute(Optional.ofNullable(reason), apply);
    new BackfillPrinter(context.out(), !context.arguments().has(Opt.NO_IDS)).print(done, apply);
    RunReport report = RunReport.of(NAME + " " + RETRY, job.names(), done.batch());
    (apply ? report.publishedIn(context) : report).write(context.arguments());
  }
}
