package io.sessionize.spark;

/**
 * Decides whether a batch changes some rows of staging or replaces all of them. The result is the
 * same; this is only a question of cost.
 *
 * @param leastOpen with fewer open sessions, staging is replaced
 * @param ratio staging is replaced, if there are fewer open sessions than this number of times the
 *     sessions that change
 */
public record StagingPolicy(long leastOpen, long ratio) {
  /**
   * To replace fifty thousand sessions costs a second, as much as the jobs of a change. A session
   * that changes is found, read, deleted and written, and later its file is merged: four times the
   * work of one that is only read and written with all others.
   */
  public static final StagingPolicy DEFAULT = new StagingPolicy(50_000, 4);

  /** Replaces staging in each batch. */
  public static final StagingPolicy REPLACE = new StagingPolicy(Long.MAX_VALUE, 1);

  /** Changes staging in each batch in which it can be changed. */
  public static final StagingPolicy CHANGE = new StagingPolicy(0, 0);

  /**
   * Whether staging is changed.
   *
   * @param open sessions in staging
   * @param changing about how many of them change
   */
  boolean changes(long open, long changing) {
    return open >= leastOpen && open >= ratio * changing;
  }
}
