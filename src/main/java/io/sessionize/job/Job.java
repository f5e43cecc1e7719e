package io.sessionize.job;

import io.sessionize.session.Rules;
import io.sessionize.summary.TableNames;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * What one job is, the same from run to run.
 *
 * @param names its tables
 * @param rules what makes two events one session
 * @param watermarkDelay how long to wait for events
 * @param lateHorizon how far an event may lie before its own Kafka record; null for any time
 * @param clockSkew how far an event may lie after its own Kafka record
 * @param clock the run's own time, epoch milliseconds
 */
public record Job(
    TableNames names,
    Rules rules,
    Duration watermarkDelay,
    Duration lateHorizon,
    Duration clockSkew,
    LongSupplier clock) {

  /** The same job under other rules. */
  public Job withRules(Rules others) {
    return new Job(names, others, watermarkDelay, lateHorizon, clockSkew, clock);
  }
}
