package io.sessionize.spark.internal;

import io.sessionize.row.SessionRows;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * The largest row that a task has met, to be named if the memory is not enough. Not thread-safe.
 */
final class LargestRow {
  /** A row of this size may be the reason why the memory is not enough. */
  private static final long LARGE_BYTES = 32L << 20;

  private String user;
  private long events;
  private long bytes;

  /**
   * Remembers a row if it is large.
   *
   * @param row with the columns of {@link SessionRows#SESSION} first
   * @param size of the row, bytes
   */
  void met(InternalRow row, long size) {
    boolean isSession =
        size >= LARGE_BYTES
            && !row.isNullAt(SessionRows.UUID)
            && !row.isNullAt(SessionRows.EVENT_COUNT);
    if (isSession && size > bytes) {
      user = row.getString(SessionRows.UUID);
      events = row.getLong(SessionRows.EVENT_COUNT);
      bytes = size;
    }
  }

  /** Throws an exception that names the user of the row, if there was a large one. */
  void throwIfLarge(OutOfMemoryError thrown) {
    LargeUserException.throwIfLarge(thrown, user, events, user != null);
  }
}
