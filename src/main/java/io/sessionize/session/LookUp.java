package io.sessionize.session;

import java.io.Serializable;
import java.util.Collection;

/**
 * Computes where the published rows are that a batch must look up. The Spark engine and the
 * in-memory tables of the tests both use these bounds.
 *
 * @param timeoutMs the longest inactivity timeout of the rules that may have made a row
 * @param maxMs the longest maximum duration of the rules that may have made a row
 */
public record LookUp(long timeoutMs, long maxMs) implements Serializable {

  /** The time of a user whose rows are all looked up. */
  public static final long FROM_THE_BEGINNING = Watermark.NONE;

  /** Returns the look-up for tables whose rows were made with any of these rules. */
  public static LookUp under(Collection<Rules> rules) {
    return new LookUp(
        rules.stream().mapToLong(Rules::timeoutMs).max().orElseThrow(),
        rules.stream().mapToLong(Rules::maxMs).max().orElseThrow());
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
   * Returns the least start of a row that ends within a timeout of a time, or after it. No row is
   * longer than the maximum duration.
   *
   * @param fromMs epoch milliseconds
   */
  public long leastStartMs(long fromMs) {
    return fromMs - timeoutMs - maxMs;
  }
}
