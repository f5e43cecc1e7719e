package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.job.CrashPoint;
import io.sessionize.job.Job;
import io.sessionize.job.Rebinding;
import io.sessionize.source.KafkaReadOptions;
import io.sessionize.source.KafkaTopics;
import io.sessionize.source.OffsetSpecifier;
import io.sessionize.spark.SparkJobs;
import java.io.PrintStream;
import java.util.Optional;

/**
 * {@code run --rebind-topic}: binds the tables to another topic before the run.
 *
 * @param from the offsets at which the run begins, as on the command line
 * @param mayDouble whether events without event ids may count twice
 */
record RebindOptions(String from, boolean mayDouble) {

  /**
   * Reads and checks the options.
   *
   * @return empty, if the tables keep their topic
   * @throws Failure of usage
   */
  static Optional<RebindOptions> read(Arguments arguments) {
    String from = arguments.text(Opt.FROM);
    if (!arguments.has(Opt.REBIND_TOPIC)) {
      if (from != null || arguments.has(Opt.YES)) {
        throw Failure.usage("run takes --from and --yes only with --rebind-topic.");
      }
      return Optional.empty();
    }
    if (arguments.has(Opt.TRIGGER) || arguments.has(Opt.TEST_MODE)) {
      throw Failure.usage(
          "--rebind-topic is for one run: give it without --trigger and --test-mode.");
    }
    if (from == null) {
      throw Failure.usage(
          "--rebind-topic needs the offsets to begin at: --from earliest, or --from 0:100,1:50.");
    }
    // A typing error is reported before any service is used.
    OffsetSpecifier.checkBegin(
        from, DefinitionOptions.topics(arguments), DefinitionOptions.nameTopics(arguments));
    return Optional.of(new RebindOptions(from, arguments.has(Opt.YES)));
  }

  /** Binds the tables, and prints where the run begins. */
  void execute(TableContext context, Job job, KafkaReadOptions source, String checkpoint) {
    KafkaTopics topics = KafkaTopics.describe(source.connection(), source.topics());
    Rebinding.Bound bound =
        SparkJobs.rebinding(context.spark(), job, source, checkpoint, CrashPoint.Probe.NONE)
            .execute(OffsetSpecifier.resolve(from, topics), mayDouble);
    print(bound, job, context.out());
  }

  private static void print(Rebinding.Bound bound, Job job, PrintStream out) {
    out.printf(
        "bound     %s to topic %s from %s%n",
        job.names().table(), String.join(", ", bound.topics().names()), bound.from());
    bound
        .checkpointSetAside()
        .ifPresent(where -> out.printf("          old checkpoint: %s%n", where));
  }
}
