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
   * Measured in a loop: docs/benchmarks.md. From ten thousand open sessions on, of which at most
   * one in fourteen changes, a change costs no more CPU than a replacement, and writes about a
   * sixth of its bytes or less. With five thousand, of which more than one in four change, it costs
   * a tenth of a second more, and writes half of the bytes: a session that changes is deleted and
   * written, and its file is merged later. A smaller table costs little to replace.
   */
  public static final StagingPolicy DEFAULT = new StagingPolicy(5_000, 4);

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
