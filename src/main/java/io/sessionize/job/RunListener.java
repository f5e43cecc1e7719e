package io.sessionize.job;

/** Told how a run gets on, in the order of what happens. */
@FunctionalInterface
public interface RunListener {

  /**
   * The run begins to read.
   *
   * @param offsets how many lie before it
   */
  default void planned(long offsets) {}

  /** A batch is committed. */
  void batch(BatchReport batch);
}
