package io.sessionize.job;

import io.sessionize.column.GivenColumns;
import io.sessionize.event.GivenDefinition;
import io.sessionize.session.GivenRules;
import io.sessionize.session.Rules;
import io.sessionize.summary.TableNames;
import java.time.Duration;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * The settings of one job, the same from run to run.
 *
 * @param names of its tables
 * @param rules that are given; the others are as recorded in the tables
 * @param watermarkDelay how long to wait for events
 * @param lateHorizon how far an event may be before its own Kafka record; null for no limit
 * @param clockSkew how far an event may be after its own Kafka record
 * @param clock the clock of the run, epoch milliseconds
 * @param setAside exactly the users to set aside; null for those that the tables record
 * @param definition of the events
 * @param columns session columns
 * @param maxRejected the greatest share of rejected records with which a batch of a run is
 *     published
 * @param dropped topics that a run no longer reads, although the tables record them
 */
public record Job(
    TableNames names,
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

  /**
   * A job with the session columns that the tables record. It publishes whatever share of the
   * records is rejected, and drops no topic.
   */
  public Job(
      TableNames names,
      GivenRules rules,
      Duration watermarkDelay,
      Duration lateHorizon,
      Duration clockSkew,
      LongSupplier clock,
      Set<String> setAside,
      GivenDefinition definition) {
    this(
        names,
        rules,
        watermarkDelay,
        lateHorizon,
        clockSkew,
        clock,
        setAside,
        definition,
        GivenColumns.NONE,
        MaxRejected.ANY,
        Set.of());
  }

  /** The same job with the users set aside that the tables record. */
  Job withRecordedSetAside() {
    return new Job(
        names,
        rules,
        watermarkDelay,
        lateHorizon,
        clockSkew,
        clock,
        null,
        definition,
        columns,
        maxRejected,
        dropped);
  }

  /** The same job with session columns. */
  public Job with(GivenColumns given) {
    return new Job(
        names,
        rules,
        watermarkDelay,
        lateHorizon,
        clockSkew,
        clock,
        setAside,
        definition,
        given,
        maxRejected,
        dropped);
  }

  /** A job with the definition that the tables record. */
  public Job(
      TableNames names,
      GivenRules rules,
      Duration watermarkDelay,
      Duration lateHorizon,
      Duration clockSkew,
      LongSupplier clock,
      Set<String> setAside) {
    this(
        names,
        rules,
        watermarkDelay,
        lateHorizon,
        clockSkew,
        clock,
        setAside,
        GivenDefinition.NONE);
  }

  /** A job that gives all rules, with the users set aside that the tables record. */
  public Job(
      TableNames names,
      Rules rules,
      Duration watermarkDelay,
      Duration lateHorizon,
      Duration clockSkew,
      LongSupplier clock) {
    this(names, GivenRules.all(rules), watermarkDelay, lateHorizon, clockSkew, clock, null);
  }
}
