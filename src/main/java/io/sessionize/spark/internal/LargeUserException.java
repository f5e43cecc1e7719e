package io.sessionize.spark.internal;

/**
 * A task cannot process one user, because the user has too many events for the memory. Spark logs
 * its message, so the message does not hold the user.
 */
public final class LargeUserException extends RuntimeException {
  private static final long serialVersionUID = 1L;

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

  public String user() {
    return user;
  }

  public long events() {
    return events;
  }
}
