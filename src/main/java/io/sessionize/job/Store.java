package io.sessionize.job;

import io.sessionize.column.GivenColumns;
import io.sessionize.event.GivenDefinition;
import io.sessionize.event.Limits;
import io.sessionize.session.Rules;
import io.sessionize.summary.Base;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.Work;
import java.time.LocalDate;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;

/**
 * The tables of one job: Iceberg tables with Spark, or lists in memory for crash tests.
 *
 * @param <R> records as the source gives them
 */
public interface Store<R> {

  /**
   * The current base. Creates and changes nothing.
   *
   * @return empty, if there is no commit point yet
   */
  Optional<Base> find();

  /**
   * Creates missing tables, and the columns that are new in this version or definition.
   *
   * @param start the summary of the first commit
   * @param definition that the tables take in
   * @param columns session columns that the tables take in
   * @param remakes whether all rows are made again, so that expressions of columns may change
   * @throws io.sessionize.Failure of usage, if they cannot take them in
   */
  void create(RunSummary start, GivenDefinition definition, GivenColumns columns, boolean remakes);

  /**
   * Checks that {@link #create} can take in a definition and session columns. Changes nothing.
   *
   * @throws io.sessionize.Failure of usage, if it cannot
   */
  void requireTakesIn(RunSummary start, GivenDefinition definition, GivenColumns columns);

  /**
   * Checks that the conditions of rules are valid for the events of the tables.
   *
   * @throws io.sessionize.Failure of usage, if one of them is wrong
   */
  void requireConditions(Base base, Rules rules);

  /** The current base. */
  Base base();

  /** Forgets what it has kept of the tables from one batch to the next, after one that failed. */
  default void forget() {}

  /**
   * Counts the sessions of a base, closed and open, that hold an event without an event id: its
   * coordinates in Kafka are its id.
   */
  long sessionsWithoutEventIds(Base base);

  /**
   * The rejected records of the topics of the tables that a base has not taken in.
   *
   * @param reason why they were rejected; empty for all reasons
   */
  R rejected(Base base, Optional<String> reason);

  /**
   * Begins a recompute: sessions are recreated from their own events, closed and open ones.
   *
   * @param rules of the result
   * @param what the sessions to recreate
   * @param limits that decide which users are set aside
   */
  BatchTransaction recompute(Base base, Rules rules, Recomputation what, Limits limits);

  /** The UTC days on which published sessions of a base start. */
  Set<LocalDate> startDays(Base base);

  /**
   * The base as it would be if the tables had taken in session columns. Changes nothing.
   *
   * @throws io.sessionize.Failure of usage, if they cannot
   */
  Base given(Base base, GivenColumns columns);

  /**
   * Counts the published rows of some days that would get another value, for each session column in
   * use. Changes nothing.
   *
   * @param base whose session columns are evaluated
   */
  SortedMap<String, Long> changedColumns(Base base, LocalDate from, LocalDate to);

  /**
   * Begins the evaluation of the session columns of stored rows: no session changes.
   *
   * @param work its days; without days, only the open sessions are evaluated
   */
  BatchTransaction columns(Base base, Work work);

  /**
   * Begins a batch.
   *
   * @param rules of the tables
   * @param limits of an event's time
   * @param runTimeMs the clock of the run, epoch milliseconds
   */
  BatchTransaction begin(Base base, Rules rules, Input<R> input, Limits limits, long runTimeMs);
}
