package io.sessionize.session;

import java.io.Serializable;

/**
 * Decides which users a batch affects. {@link Reach} selects the published rows that it then looks
 * up. Spark and the in-memory tables of the tests both use it.
 *
 * <p>A user is affected by a late event, by an open session that is published, and, if the tables
 * are out of sync, by any open session and by any row that an on-time event could still change.
 *
 * @param watermarkMs published before the batch, epoch milliseconds
 * @param outOfSync whether staging belongs to another snapshot of the sessions table than the
 *     current one
 * @param lookUp the bounds of a look-up
 */
public record AffectedUser(long watermarkMs, boolean outOfSync, LookUp lookUp)
    implements Serializable {

  /** An event before this time is late and affects its user at its time. */
  public long lateBeforeMs() {
    return watermarkMs;
  }

  /** Whether an open session affects its user at its start. */
  public boolean byOpenSession(boolean published) {
    return outOfSync || published;
  }

  /** Whether a row of the sessions table affects its user by itself, at its start. */
  public boolean byRow(long startMs, long endMs) {
    return outOfSync && startMs >= leastStartOfRowMs() && endMs >= leastEndOfRowMs();
  }

  /** The least start of a row that affects its user by itself, if the tables are out of sync. */
  public long leastStartOfRowMs() {
    return leastEndOfRowMs() <= LookUp.FROM_THE_BEGINNING
        ? Long.MIN_VALUE
        : lookUp.leastStartMs(leastEndOfRowMs());
  }

  private long leastEndOfRowMs() {
    return lookUp.leastEndOutOfSyncMs(watermarkMs);
  }
}
