package io.sessionize.spark.internal;

import io.sessionize.row.SessionRows;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * A task cannot process one user, because the user has too many events for the memory. Spark logs
 * its message, so the message does not hold the user.
 */
public final class LargeUserException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private static final long LARGE_ROW_BYTES = 32L << 20;

  private final String user;
  private final long events;

  /**
   * It has no cause: Spark ends the process of a task that fails with an {@link OutOfMemoryError}.
   *
   * @param user null for rows without a user
   * @param events of the user, or of one of the user's sessions
   */
  public LargeUserException(String user, long events, Throwable thrown) {
    super(
        String.format(
            "one user has too many events for the memory: %,d (%s: %s)",
            events, thrown.getClass().getSimpleName(), thrown.getMessage()));
    this.user = user;
    this.events = events;
    setStackTrace(thrown.getStackTrace());
  }

  /**
   * Throws the exception if the user has many events. If not, another task uses the memory.
   *
   * @param thrown an error of the memory, or of a row that exceeds two gigabytes
   * @param user whose events were processed
   */
  static void throwIfLarge(Throwable thrown, String user, long events, boolean isLarge) {
    if (isLarge) {
      throw new LargeUserException(user, events, thrown);
    }
  }

  /**
   * Throws the exception if a row is large.
   *
   * @param row that was processed, with the columns of {@link SessionRows#SESSION} first
   */
  static void throwIfLarge(Throwable thrown, InternalRow row) {
    if (!row.isNullAt(SessionRows.UUID) && !row.isNullAt(SessionRows.EVENT_COUNT)) {
      throwIfLarge(
          thrown,
          row.getString(SessionRows.UUID),
          row.getLong(SessionRows.EVENT_COUNT),
          UserRows.bytes(row) >= LARGE_ROW_BYTES);
    }
  }

  public String user() {
    return user;
  }

  public long events() {
    return events;
  }
}
