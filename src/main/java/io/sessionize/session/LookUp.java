package io.sessionize.session;

import java.util.Collection;

/**
 * Computes which published rows a batch must look up. The Spark engine and the in-memory tables of
 * the tests both use these bounds.
 *
 * <p>An event at time {@code t} can only change the session that contains it or is next to it, and
 * the sessions after it up to the next pause longer than the timeout. All of these end at or after
 * {@code t - timeout}.
 *
 * @param timeoutMs the longest inactivity timeout of the rules that may have made a row
 * @param maxMs the longest maximum duration of the rules that may have made a row
 */
public record LookUp(long timeoutMs, long maxMs) {

  /** Earliest time of a user whose rows are all looked up. */
  public static final long FROM_THE_BEGINNING = Watermark.NONE;

  /** Returns the look-up for tables whose rows were made with any of these rules. */
  public static LookUp under(Collection<Rules> rules) {
    return new LookUp(
        rules.stream().mapToLong(Rules::timeoutMs).max().orElseThrow(),
        rules.stream().mapToLong(Rules::maxMs).max().orElseThrow());
  }

  /**
   * Returns the least end of a row that can change.
   *
   * @param fromMs time from which the user is affected, epoch milliseconds
   */
  public long leastEndMs(long fromMs) {
    return fromMs - timeoutMs;
  }

  /**
   * Returns the least end of a row that must be looked up if the tables are out of sync. A row that
   * ends at or after {@code watermark - timeout} can be changed by an on-time event, and it may be
   * missing in staging. The close reason of an earlier row may depend on an event that a crashed
   * batch has not committed. That event is within a timeout of the row's end, and its own session,
   * which is not longer than the maximum, was open.
   *
   * @param watermarkMs published watermark, epoch milliseconds
   */
  public long leastEndOutOfSyncMs(long watermarkMs) {
    return leastStartMs(watermarkMs) - timeoutMs;
  }

  /**
   * Returns the least start of a row that can change. No row is longer than the maximum duration,
   * so days before this time need not be read.
   *
   * @param fromMs earliest time from which any user is affected, epoch milliseconds
   */
  public long leastStartMs(long fromMs) {
    return leastEndMs(fromMs) - maxMs;
  }
}
