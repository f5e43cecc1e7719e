package io.sessionize.row;

import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;

/** Times of rows: a timestamp is a number of microseconds since 1970-01-01T00:00:00Z. */
public final class Micros {
  private static final long PER_MS = 1_000;
  private static final long PER_SECOND = TimeUnit.SECONDS.toMicros(1);
  private static final long PER_DAY = TimeUnit.DAYS.toMicros(1);

  private Micros() {}

  /** The timestamp of a time in epoch milliseconds. Does not check for overflow. */
  public static long ofMs(long ms) {
    return ms * PER_MS;
  }

  /** The time in epoch milliseconds, rounded down. */
  public static long toMs(long micros) {
    return Math.floorDiv(micros, PER_MS);
  }

  /**
   * The timestamp of an instant, rounded down.
   *
   * @throws ArithmeticException if the instant is more than 290,000 years away
   */
  public static long of(Instant instant) {
    long seconds = instant.getEpochSecond();
    long rest = TimeUnit.NANOSECONDS.toMicros(instant.getNano());
    // The first second that there are microseconds of begins before them.
    return seconds < 0
        ? Math.addExact(Math.multiplyExact(seconds + 1, PER_SECOND), rest - PER_SECOND)
        : Math.addExact(Math.multiplyExact(seconds, PER_SECOND), rest);
  }

  public static Instant toInstant(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  /** The timestamp at which a UTC day begins. Days are counted from 1970-01-01. */
  public static long ofDay(long day) {
    return day * PER_DAY;
  }

  /** The number of the UTC day, counted from 1970-01-01. */
  public static long day(long micros) {
    return Math.floorDiv(micros, PER_DAY);
  }

  public static LocalDate utcDay(long micros) {
    return LocalDate.ofEpochDay(day(micros));
  }
}
