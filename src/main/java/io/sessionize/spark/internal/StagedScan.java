package io.sessionize.spark.internal;

import io.sessionize.row.KnownRows;
import java.io.Serializable;
import java.util.Iterator;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.util.sketch.BloomFilter;
import org.apache.spark.util.sketch.IncompatibleMergeException;

/**
 * What one pass over the keys of staging shows: how many rows there are, which users have a session
 * that closes, and when the other sessions end.
 */
public final class StagedScan implements Serializable {
  private static final long serialVersionUID = 1L;

  private final BloomFilter closing;
  private long rows;
  private long published;
  private long closed;
  private long leastEndMs = Long.MAX_VALUE;

  private StagedScan(BloomFilter closing) {
    this.closing = closing;
  }

  /**
   * Reads the keys of all rows. Runs a Spark job.
   *
   * @param users with an event in the batch, and possibly others
   * @param empty a filter without a user, of the same size as {@code users}
   * @param closedBeforeMs a session that ends before this time closes, epoch milliseconds
   */
  public static StagedScan of(
      StoredRows staging, Broadcast<BloomFilter> users, BloomFilter empty, long closedBeforeMs) {
    return staging
        .ofStagedKeys(
            rows -> {
              StagedScan scan = new StagedScan(empty);
              scan.add(rows, users.value(), closedBeforeMs);
              return scan;
            })
        .fold(new StagedScan(empty), StagedScan::add);
  }

  private void add(Iterator<InternalRow> all, BloomFilter users, long closedBeforeMs) {
    while (all.hasNext()) {
      InternalRow row = all.next();
      if (!RowKey.isIn(row)) {
        continue;
      }
      rows++;
      published += RowKey.isPublished(row) ? 1 : 0;
      byte[] user = row.getUTF8String(KnownRows.KEY_UUID).getBytes();
      long endMs = row.getLong(KnownRows.KEY_END_MS);
      if (endMs < closedBeforeMs) {
        closed++;
        closing.putBinary(user);
      } else if (endMs < leastEndMs && !users.mightContainBinary(user)) {
        leastEndMs = endMs;
      }
    }
  }

  private StagedScan add(StagedScan other) {
    merge(closing, other.closing);
    rows += other.rows;
    published += other.published;
    closed += other.closed;
    leastEndMs = Math.min(leastEndMs, other.leastEndMs);
    return this;
  }

  /** Adds the users of a filter of the same size to another one, and returns the latter. */
  public static BloomFilter merge(BloomFilter users, BloomFilter others) {
    try {
      return users.mergeInPlace(others);
    } catch (IncompatibleMergeException e) {
      throw new IllegalStateException(e);
    }
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
