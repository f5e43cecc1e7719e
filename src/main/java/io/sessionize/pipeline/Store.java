package io.sessionize.pipeline;

import io.sessionize.event.Limits;
import io.sessionize.store.Base;
import io.sessionize.store.RunSummary;

/**
 * The tables of one job, and what works on them: Spark on Iceberg, or lists in memory in tests that
 * crash at every point many thousand times.
 *
 * @param <R> records as the source gives them
 */
interface Store<R> {

  /**
   * Makes the tables that are missing.
   *
   * @param start what the first commit says
   */
  void create(RunSummary start);

  /** Where both tables stand now. */
  Base base();

  /**
   * Begins a batch: decodes the records, once.
   *
   * @param limits between which times an event counts
   */
  Attempt attempt(Base base, Input<R> input, Limits limits);
}
