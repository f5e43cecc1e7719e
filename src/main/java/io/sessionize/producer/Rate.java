package io.sessionize.producer;

import java.time.Duration;

/**
 * Events per second, evenly spaced. The first event is due one interval after the start; {@code n}
 * seconds after the start, exactly {@code n * perSecond} events have been due. The time of an event
 * is a function of its index, so errors do not accumulate.
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

  /** Returns when the event with this index (from 0) is due, nanoseconds since the start. */
  long dueNanos(long index) {
    long count = index + 1;
    return count / perSecond * NANOS + count % perSecond * NANOS / perSecond;
  }

  /** Returns when the event with this index is due, milliseconds since the start, rounded down. */
  long dueMs(long index) {
    return dueNanos(index) / (NANOS / MILLIS);
  }

  /** Returns the number of events that are due within a time; at least 1. */
  long eventsIn(Duration duration) {
    long part = duration.toMillisPart() * perSecond / MILLIS;
    return Math.max(1, Math.addExact(Math.multiplyExact(duration.toSeconds(), perSecond), part));
  }
}
