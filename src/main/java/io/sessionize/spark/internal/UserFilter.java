package io.sessionize.spark.internal;

import org.apache.spark.util.sketch.BloomFilter;

/** Makes the Bloom filters of users with which a batch finds stored rows. */
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
}
