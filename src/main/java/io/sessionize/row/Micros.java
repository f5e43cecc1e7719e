package io.sessionize.row;

import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;

/** Times of rows: a timestamp is a number of microseconds since 1970-01-01T00:00:00Z. */
public final class Micros {
  private static final long PER_MS = 1_000;
  private static final long PER_DAY = TimeUnit.DAYS.toMicros(1);

  private Micros() {}

  /** The timestamp of a time in epoch milliseconds. */
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
    return Math.addExact(
        Math.multiplyExact(instant.getEpochSecond(), TimeUnit.SECONDS.toMicros(1)),
        TimeUnit.NANOSECONDS.toMicros(instant.getNano()));
  }

  public static Instant toInstant(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  /** The number of the UTC day, counted from 1970-01-01. */
  public static long day(long micros) {
    return Math.floorDiv(micros, PER_DAY);
  }

  public static LocalDate utcDay(long micros) {
    return LocalDate.ofEpochDay(day(micros));
  }
}
