package io.sessionize.spark.internal;

import org.apache.spark.util.sketch.BloomFilter;
import org.apache.spark.util.sketch.IncompatibleMergeException;

/** Makes and merges the Bloom filters of users with which stored rows are found. */
public final class UserFilter {
  /**
   * The most users of a filter. It has less than a megabyte then: a task sends a larger result to
   * the driver by a slower way. With more users, it lets more rows of other users pass.
   */
  public static final long MANY_USERS = 500_000;

  private static final long FEW_USERS = 1_000;
  private static final double FALSE_POSITIVES = 0.001;

  private UserFilter() {}

  /**
   * Makes a filter without users.
   *
   * @param expected about how many users it gets
   */
  public static BloomFilter of(long expected) {
    return BloomFilter.create(Math.min(MANY_USERS, Math.max(FEW_USERS, expected)), FALSE_POSITIVES);
  }

  /** Adds the users of a filter of the same size to another one, and returns the latter. */
  public static BloomFilter merge(BloomFilter users, BloomFilter others) {
    try {
      return users.mergeInPlace(others);
    } catch (IncompatibleMergeException e) {
      throw new IllegalStateException(e);
    }
  }
}
