package io.sessionize.job;

/** Receives the progress of a run. Calls come in the order of the events. */
@FunctionalInterface
public interface RunListener {

  /**
   * Called when the run begins to read.
   *
   * @param offsets how many offsets it will read
   */
  default void planned(long offsets) {}

  /** Called after each committed batch. */
  void batch(BatchReport batch);
}
