package io.sessionize.producer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PacerTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long OVERSLEEP_NANOS = 150_000;

  /** A clock that a sleep advances, a little too far, like a real one. */
  private static final class FakeClock {
    private long nanos = Long.MAX_VALUE - 3 * SECOND; // Overflows soon, as nanoTime may.
    private long sleeps;

    void sleep(long length) {
      assertTrue(length >= Pacer.SHORTEST_SLEEP_NANOS);
      nanos += length + OVERSLEEP_NANOS;
      sleeps++;
    }
  }

  private final FakeClock clock = new FakeClock();
  private final long start = clock.nanos;

  private Pacer pacer(long rate) {
    return Pacer.even(new Rate(rate), () -> clock.nanos, clock::sleep);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 3, 7, 500, 5_000, 200_000})
  void keepsTheRateWithoutDrift(long rate) throws InterruptedException {
    Pacer pacer = pacer(rate);
    for (long index = 0; index < rate * 60; index++) {
      pacer.await(index);
      long lateNanos = clock.nanos - start - (index + 1) * SECOND / rate;
      assertTrue(lateNanos >= 0, "early by " + -lateNanos);
      assertTrue(lateNanos <= Pacer.SHORTEST_SLEEP_NANOS + OVERSLEEP_NANOS, "late " + lateNanos);
    }
    assertEquals(60.0, (clock.nanos - start) / (double) SECOND, 0.01);
  }

  @Test
  void theRateIsKeptWhenSendingTakesTime() throws InterruptedException {
    SplittableRandom random = new SplittableRandom(1);
    Pacer pacer = pacer(1_000);
    for (long index = 0; index < 60_000; index++) {
      pacer.await(index);
      clock.nanos += random.nextLong(1_500_000);
    }
    assertEquals(60.0, (clock.nanos - start) / (double) SECOND, 0.1);
  }

  @Test
  void eventsBehindScheduleAreSentWithoutSleep() throws InterruptedException {
    Pacer pacer = pacer(100);
    pacer.await(0);
    clock.nanos += 10 * SECOND;
    long sleeps = clock.sleeps;
    for (long index = 1; index < 1_001; index++) {
      pacer.await(index);
    }
    assertEquals(sleeps, clock.sleeps);
    pacer.await(1_002);
    assertEquals(sleeps + 1, clock.sleeps);
  }

  @Test
  void withoutARateThereIsNoWait() throws InterruptedException {
    Pacer.none().await(Long.MAX_VALUE);
    assertEquals(0, clock.sleeps);
  }

  @Test
  void yearsOfEventsDoNotOverflow() {
    long yearOfSeconds = 365L * 24 * 3_600;
    assertEquals(yearOfSeconds * SECOND, new Rate(100_000).dueNanos(yearOfSeconds * 100_000 - 1));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Rate.MOST + 1})
  void refusesARateOutOfRange(long rate) {
    assertThrows(IllegalArgumentException.class, () -> new Rate(rate));
  }

  @Test
  void countsTheEventsOfADuration() {
    assertEquals(18_000, new Rate(10).eventsIn(Duration.ofMinutes(30)));
    assertEquals(15, new Rate(10).eventsIn(Duration.ofMillis(1_500)));
    assertEquals(1, new Rate(1).eventsIn(Duration.ofMillis(1)));
  }
}
