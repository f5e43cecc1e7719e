package io.sessionize.session;

/**
 * Decides which users a batch affects, and which of their published rows are looked up. Spark and
 * the in-memory tables of the tests both use it.
 *
 * <p>A user is affected by a late event, by an open session that is published, and, if the tables
 * are out of sync, by any open session and by any row that an on-time event could still change.
 *
 * @param watermarkMs published before the batch, epoch milliseconds
 * @param outOfSync whether staging belongs to another snapshot of the sessions table than the
 *     current one
 * @param lookUp the bounds of a look-up
 */
public record AffectedUser(long watermarkMs, boolean outOfSync, LookUp lookUp) {

  /** An event before this time is late and affects its user, from its time on. */
  public long lateBeforeMs() {
    return watermarkMs;
  }

  /** Whether an open session affects its user, from its start on. */
  public boolean byOpenSession(boolean published) {
    return outOfSync || published;
  }

  /** Whether a row of the sessions table affects its user by itself, from its start on. */
  public boolean byRow(long startMs, long endMs) {
    return outOfSync && isWithinDays(startMs, leastEndOfRowMs()) && endMs >= leastEndOfRowMs();
  }

  /** The least end of a row that affects its user by itself, if the tables are out of sync. */
  public long leastEndOfRowMs() {
    return lookUp.leastEndOutOfSyncMs(watermarkMs);
  }

  /**
   * Whether a row of an affected user is loaded.
   *
   * @param fromMs the user's earliest affected time
   * @param earliestMs the earliest affected time of all users: rows that start long before it are
   *     not even read
   */
  public boolean loads(long startMs, long endMs, long fromMs, long earliestMs) {
    return isWithinDays(startMs, earliestMs) && endMs >= lookUp.leastEndMs(fromMs);
  }

  private boolean isWithinDays(long startMs, long fromMs) {
    return fromMs <= LookUp.FROM_THE_BEGINNING || startMs >= lookUp.leastStartMs(fromMs);
  }
}
