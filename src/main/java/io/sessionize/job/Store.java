package io.sessionize.job;

import io.sessionize.event.Limits;
import io.sessionize.summary.Base;
import io.sessionize.summary.RunSummary;
import java.util.Optional;

/**
 * The tables of one job, and what works on them: Spark on Iceberg, or lists in memory in tests that
 * crash at every point many thousand times.
 *
 * @param <R> records as the source gives them
 */
public interface Store<R> {

  /**
   * What the tables say, before anything is made or changed.
   *
   * @return empty, where there is no commit point yet
   */
  Optional<Base> standing();

  /**
   * Makes what is missing: tables, and columns that came with this version.
   *
   * @param start what the first commit says
   */
  void create(RunSummary start);

  /** Where both tables stand now. */
  Base base();

  /**
   * Begins to make sessions anew from their own events, closed and open ones.
   *
   * @param what all of them, or those of some users or days and whatever these touch
   */
  BatchTransaction recompute(Base base, Recomputation what);

  /**
   * Begins a batch: decodes the records, once.
   *
   * @param limits by which an event's time is judged
   * @param runTimeMs the run's own clock, epoch milliseconds
   */
  BatchTransaction attempt(Base base, Input<R> input, Limits limits, long runTimeMs);
}
