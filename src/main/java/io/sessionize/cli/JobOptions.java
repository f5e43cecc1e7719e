package io.sessionize.cli;

import io.sessionize.Failure;
import io.sessionize.column.GivenColumns;
import io.sessionize.event.GivenDefinition;
import io.sessionize.job.Job;
import io.sessionize.job.MaxRejected;
import io.sessionize.session.GivenRules;
import io.sessionize.summary.TableNames;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The options that define the job, except for its tables: their catalog is known only after Spark
 * has started. Options that a command does not have keep their defaults.
 *
 * @param rules those given; the others are as recorded in the tables
 * @param watermarkDelay how long to wait for events
 * @param lateHorizon how far an event may be before its own Kafka record; null for any time
 * @param clockSkew how far an event may be after its own Kafka record
 * @param clock the run's own time, epoch milliseconds
 * @param setAside exactly the users to set aside; null for those that the tables record
 * @param definition of the events
 * @param maxRejected the greatest share of rejected records with which a batch of a run is
 *     published
 * @param dropped topics that are no longer read, although the tables record them
 */
record JobOptions(
    GivenRules rules,
    Duration watermarkDelay,
    Duration lateHorizon,
    Duration clockSkew,
    LongSupplier clock,
    Set<String> setAside,
    GivenDefinition definition,
    GivenColumns columns,
    MaxRejected maxRejected,
    Set<String> dropped) {
  private static final Logger LOG = LoggerFactory.getLogger(JobOptions.class);
  private static final Duration UNLIKELY = Duration.ofHours(24);

  /**
   * Reads and checks the options.
   *
   * @throws io.sessionize.Failure of usage
   */
  static JobOptions read(Arguments arguments) {
    GivenRules rules = RuleOptions.read(arguments);
    rules.alone().validate();
    Duration clockSkew = arguments.duration(Opt.CLOCK_SKEW);
    Instant runTime = arguments.instant(Opt.RUN_TIME);
    if (runTime != null) {
      requirePast(runTime, Instant.now(), clockSkew);
    }
    return new JobOptions(
        rules,
        arguments.duration(Opt.WATERMARK_DELAY),
        arguments.duration(Opt.LATE_HORIZON),
        clockSkew,
        runTime == null ? System::currentTimeMillis : runTime::toEpochMilli,
        UsersFile.read(arguments, Opt.SET_ASIDE_USERS),
        DefinitionOptions.read(arguments),
        DefinitionOptions.columns(arguments),
        maxRejected(arguments),
        Set.copyOf(arguments.topics(Opt.DROP_TOPIC)));
  }

  private static MaxRejected maxRejected(Arguments arguments) {
    Double percent = arguments.percent(Opt.MAX_REJECTED);
    return percent == null || arguments.has(Opt.ACCEPT_REJECTED)
        ? MaxRejected.ANY
        : new MaxRejected(percent);
  }

  /** The watermark never goes back: after a run in the future, every event is late. */
  private static void requirePast(Instant runTime, Instant now, Duration clockSkew) {
    if (runTime.isAfter(now.plus(clockSkew))) {
      throw Failure.usage(
          "--run-time %s is ahead of this machine's clock (%s) by more than --clock-skew (%s). The watermark would"
              + " pass the clock, and all events up to then would be late. Give an earlier time.",
          runTime, now.truncatedTo(ChronoUnit.SECONDS), clockSkew);
    }
  }

  /** Returns the job on these tables. */
  Job job(TableNames names) {
    return new Job(
        names,
        rules,
        watermarkDelay,
        lateHorizon,
        clockSkew,
        clock,
        setAside,
        definition,
        columns,
        maxRejected,
        dropped);
  }

  /** Warns of a bare 120: in old command lines it meant minutes, here it means hours. */
  static void warnOfUnlikely(Arguments arguments) {
    if (!arguments.has(Opt.MAX_SESSION_DURATION)) {
      return;
    }
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
