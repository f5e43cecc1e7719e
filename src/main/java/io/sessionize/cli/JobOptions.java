package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.job.Job;
import io.sessionize.session.Rules;
import io.sessionize.summary.TableNames;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The options that say what the job is, read and checked before anything is started. */
final class JobOptions {
  static final List<Opt> ALL =
      List.of(
          Opt.ICEBERG_DATABASE,
          Opt.ICEBERG_TABLE,
          Opt.INACTIVITY_TIMEOUT,
          Opt.MAX_SESSION_DURATION,
          Opt.BOUNDARY_RULE,
          Opt.END_SESSION_ON_PAGE,
          Opt.WATERMARK_DELAY,
          Opt.LATE_HORIZON,
          Opt.CLOCK_SKEW,
          Opt.RUN_TIME);

  private static final Logger LOG = LoggerFactory.getLogger(JobOptions.class);
  private static final Duration UNLIKELY = Duration.ofHours(24);

  private JobOptions() {}

  /**
   * Reads them.
   *
   * @param catalog the Iceberg catalog's name, known when Spark's configuration is
   * @throws Failure of usage
   */
  static Job read(Arguments arguments, String catalog) {
    Instant runTime = arguments.instant(Opt.RUN_TIME);
    LongSupplier clock = runTime == null ? System::currentTimeMillis : runTime::toEpochMilli;
    return new Job(
        names(arguments, catalog),
        rules(arguments),
        arguments.duration(Opt.WATERMARK_DELAY),
        arguments.duration(Opt.LATE_HORIZON),
        arguments.duration(Opt.CLOCK_SKEW),
        clock);
  }

  /** The job's tables. */
  static TableNames names(Arguments arguments, String catalog) {
    String table = arguments.name(Opt.ICEBERG_TABLE);
    if (TableNames.isDerived(table)) {
      throw Failure.usage(
          "--iceberg-table %s is what another job's own tables are called: give a name that does not end so.",
          table);
    }
    return new TableNames(catalog, arguments.name(Opt.ICEBERG_DATABASE), table);
  }

  /** What makes two events one session. */
  static Rules rules(Arguments arguments) {
    Rules rules =
        new Rules(
            arguments.duration(Opt.INACTIVITY_TIMEOUT),
            arguments.duration(Opt.MAX_SESSION_DURATION),
            arguments.text(Opt.BOUNDARY_RULE),
            arguments.list(Opt.END_SESSION_ON_PAGE));
    rules.validate();
    return rules;
  }

  /** A bare 120 in an old command line meant minutes; here it means hours. */
  static void warnOfUnlikely(Arguments arguments) {
    String text = arguments.text(Opt.MAX_SESSION_DURATION).strip();
    Duration duration = arguments.duration(Opt.MAX_SESSION_DURATION);
    boolean bare = text.chars().allMatch(Character::isDigit);
    if (bare && duration.compareTo(UNLIKELY) > 0) {
      String warning =
          String.format(
              "--max-session-duration %s means %s hours; for minutes write %sm.", text, text, text);
      LOG.warn(warning);
      System.err.println("sessionize: warning: " + warning);
    }
  }
}
