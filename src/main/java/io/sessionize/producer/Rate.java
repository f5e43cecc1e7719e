package io.sessionize.producer;

import java.time.Duration;

/**
 * Events per second, evenly spaced: the first is due one interval after the start, and {@code n}
 * seconds after the start exactly {@code n * perSecond} have been due. Times follow from the number
 * of the event alone, so nothing adds up to a drift.
 *
 * @param perSecond 1 to {@value #MOST}
 */
public record Rate(long perSecond) {
  public static final long MOST = 1_000_000;
  private static final long NANOS = 1_000_000_000;
  private static final long MILLIS = 1_000;

  public Rate {
    if (perSecond < 1 || perSecond > MOST) {
      throw new IllegalArgumentException("Not a rate from 1 to " + MOST + ": " + perSecond);
    }
  }

  /** When the event with this index (from 0) is due, nanoseconds since the start. */
  long dueNanos(long index) {
    long count = index + 1;
    return count / perSecond * NANOS + count % perSecond * NANOS / perSecond;
  }

  /** The same in milliseconds, rounded down. */
  long dueMs(long index) {
    return dueNanos(index) / (NANOS / MILLIS);
  }

  /** How many events are due within a time; at least 1. */
  long eventsIn(Duration duration) {
    long part = duration.toMillisPart() * perSecond / MILLIS;
    return Math.max(1, Math.addExact(Math.multiplyExact(duration.toSeconds(), perSecond), part));
  }
}
