package io.sessionize.spark.internal;

import java.io.Serializable;
import org.apache.spark.util.sketch.BloomFilter;

/**
 * What a look at the keys of staging shows: how many rows there are, which users have a session
 * that closes, and when the other sessions end. Filters hold hashes of users.
 */
public final class StagedScan implements Serializable {
  private static final long serialVersionUID = 1L;

  private final BloomFilter closing;
  private final transient BloomFilter users;
  private final transient long closedBeforeMs;
  private long rows;
  private long published;
  private long closed;
  private long leastEndMs = Long.MAX_VALUE;

  /**
   * @param empty a filter without a user, of the same size as {@code users}; it gets the users
   * @param users with an event in the batch, and possibly others
   * @param closedBeforeMs a session that ends before this time closes, epoch milliseconds
   */
  StagedScan(BloomFilter empty, BloomFilter users, long closedBeforeMs) {
    this.closing = empty;
    this.users = users;
    this.closedBeforeMs = closedBeforeMs;
  }

  void add(long user, long endMs, boolean isPublished) {
    rows++;
    published += isPublished ? 1 : 0;
    if (endMs < closedBeforeMs) {
      closed++;
      closing.putLong(user);
    } else if (endMs < leastEndMs && !users.mightContainLong(user)) {
      leastEndMs = endMs;
    }
  }

  StagedScan add(StagedScan other) {
    UserFilter.merge(closing, other.closing);
    rows += other.rows;
    published += other.published;
    closed += other.closed;
    leastEndMs = Math.min(leastEndMs, other.leastEndMs);
    return this;
  }

  /** The users with a session that closes, and possibly others. */
  public BloomFilter closing() {
    return closing;
  }

  /** Number of rows. */
  public long rows() {
    return rows;
  }

  /** Number of rows that are published. */
  public long published() {
    return published;
  }

  /** Number of sessions that close. */
  public long closed() {
    return closed;
  }

  /**
   * The earliest end of a session that does not close and whose user has no event in the batch,
   * epoch milliseconds; null if there is none.
   */
  public Long leastEndMs() {
    return leastEndMs == Long.MAX_VALUE ? null : leastEndMs;
  }
}
