package io.sessionize.session;

import java.util.Collection;

/**
 * Tells which rows of {@code user_sessions} a batch has to load. The Spark engine and the tests'
 * tables in memory both take their bounds from here.
 *
 * <p>An event at time {@code t} can only touch the session that it falls into or beside, and those
 * after it up to the next natural gap. All of these end at or after {@code t - timeout}.
 *
 * @param timeoutMs the longest inactivity timeout under which a row may have been made
 * @param maxMs the longest maximum duration under which a row may have been made
 */
public record LookUp(long timeoutMs, long maxMs) {

  /** Stands for the beginning of time: every row of the user is loaded. */
  public static final long FROM_THE_BEGINNING = Watermark.NONE;

  /** The look-up that finds every row which any of these rules has made. */
  public static LookUp under(Collection<Rules> rules) {
    return new LookUp(
        rules.stream().mapToLong(Rules::timeoutMs).max().orElseThrow(),
        rules.stream().mapToLong(Rules::maxMs).max().orElseThrow());
  }

  /**
   * The least end of a row that can be touched.
   *
   * @param fromMs the user's earliest time concerned, epoch milliseconds
   */
  public long leastEndMs(long fromMs) {
    return fromMs - timeoutMs;
  }

  /**
   * The least end of a row that has to be looked up where the tables are apart. A row that ends at
   * or after {@code watermark - timeout} can be touched by an on-time event, and its copy may be
   * missing in staging. An earlier one may owe its close reason to an event that a crashed batch
   * has not committed: that event came within a timeout of the row's end, and its own session, no
   * longer than the maximum, was open.
   *
   * @param watermarkMs as published, epoch milliseconds
   */
  public long leastEndApartMs(long watermarkMs) {
    return leastStartMs(watermarkMs) - timeoutMs;
  }

  /**
   * The least start of a row that can be touched: no row lasts longer than the maximum, so that
   * days before it need not be read.
   *
   * @param fromMs the earliest time concerned of any user, epoch milliseconds
   */
  public long leastStartMs(long fromMs) {
    return leastEndMs(fromMs) - maxMs;
  }
}
