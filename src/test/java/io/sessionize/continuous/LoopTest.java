package io.sessionize.continuous;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.sessionize.Failure;
import io.sessionize.continuous.LoopStatus.State;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class LoopTest extends LoopFixture {
  @Test
  void aServiceThatIsAwayIsWaitedForAndToldTwice() throws Exception {
    Loop loop = loop(MILLISECOND, Duration.ofMinutes(1));
    loop.execute(
        () -> {
          if (runs.incrementAndGet() == 1) {
            return;
          }
          if (runs.get() < 4) {
            throw AWAY;
          }
          assertEquals(State.WAITING, last.state());
          stopAfter(4);
        },
        () -> false);
    assertEquals(4, runs.get());
    assertEquals(List.of("waits: away", "goes on"), told);
    assertEquals(State.RUNNING, last.state());
    assertEquals(2, last.retries());
  }

  @Test
  void anotherReasonOfAWaitIsToldToo() throws Exception {
    Failure other = new Failure(Failure.Kind.OTHER, "reset", null);
    Loop loop = loop(MILLISECOND, Duration.ofMinutes(1));
    loop.execute(
        () -> {
          switch (runs.incrementAndGet()) {
            case 1 -> {}
            case 2 -> throw AWAY;
            case 3 -> throw other;
            default -> stop.countDown();
          }
        },
        () -> false);
    assertEquals(List.of("waits: away", "waits: reset", "goes on"), told);
  }

  @Test
  void aWaitThatIsTooLongEndsWithTheFailure() {
    Loop loop = loop(MILLISECOND, Duration.ofMillis(10));
    Loop.Attempt away =
        () -> {
          if (runs.incrementAndGet() > 1) {
            throw AWAY;
          }
        };
    assertSame(AWAY, assertThrows(Failure.class, () -> loop.execute(away, () -> false)));
    assertEquals(List.of("waits: away"), told);
  }

  @Test
  void aServiceThatHasNeverAnsweredIsNotWaitedFor() throws Exception {
    Loop loop = loop(MILLISECOND, Duration.ofMinutes(1));
    // Kafka answers, the catalog does not
    loop.await(() -> {});
    Loop.Attempt away =
        () -> {
          throw AWAY;
        };
    assertSame(AWAY, assertThrows(Failure.class, () -> loop.execute(away, () -> false)));
    // Another writer, and a service after the first batch of a long run
    loop.execute(
        () -> {
          if (runs.incrementAndGet() == 1) {
            throw Failure.conflict(null, "faster");
          }
          if (runs.get() == 2) {
            loop.batch(TestBatch.of(1, System.currentTimeMillis(), 1));
            throw AWAY;
          }
          stop.countDown();
        },
        () -> false);
    assertEquals(List.of("waits: faster", "goes on", "waits: away", "goes on"), told);
  }

  @Test
  void whatMayBeOfAMomentIsWaitedForIfItWasOtherwiseBefore() throws Exception {
    Failure moment = Failure.usageOrMoment("between");
    Loop.Attempt attempt =
        () -> {
          throw moment;
        };
    Loop first = loop(MILLISECOND, Duration.ofMinutes(1));
    assertSame(moment, assertThrows(Failure.class, () -> first.execute(attempt, () -> false)));
    assertEquals(List.of(), told);
    loop(MILLISECOND, Duration.ofMinutes(1))
        .execute(
            () -> {
              if (runs.incrementAndGet() == 2) {
                throw moment;
              }
              stopAfter(3);
            },
            () -> false);
    assertEquals(List.of("waits: between", "goes on"), told);
  }

  @Test
  void whatIsNotOfAMomentEndsWithItsOwnFailure() {
    Failure usage = Failure.usageOrMoment("interrupted");
    Loop loop = loop(MILLISECOND, Duration.ofMillis(10));
    Loop.Attempt attempt =
        () -> {
          if (runs.incrementAndGet() > 1) {
            throw usage;
          }
        };
    assertSame(usage, assertThrows(Failure.class, () -> loop.execute(attempt, () -> false)));
    assertEquals(Failure.Kind.USAGE, usage.kind());
    assertEquals(List.of("waits: interrupted"), told);
  }

  @Test
  void aBrokenTableEndsTheLoopAtOnce() {
    Failure broken = Failure.broken("lost");
    Loop.Attempt attempt =
        () -> {
          throw broken;
        };
    Loop loop = loop(MILLISECOND, Duration.ofMinutes(1));
    assertSame(broken, assertThrows(Failure.class, () -> loop.execute(attempt, () -> false)));
    assertEquals(List.of(), told);
  }

  @Test
  void aStopEndsThePauseAtOnce() {
    Loop loop = loop(MILLISECOND, HOUR);
    assertTimeout(
        Duration.ofSeconds(6),
        () ->
            loop.execute(
                () -> {
                  // The pauses are one, two and four seconds long.
                  if (runs.incrementAndGet() == 4) {
                    stop.countDown();
                  }
                  if (runs.get() > 1) {
                    throw AWAY;
                  }
                },
                () -> false),
        "The third pause was not cut");
  }

  @Test
  void anAttemptThatAsksForMinutesIsInterruptedByAStop() {
    Loop loop = loop(MILLISECOND, HOUR);
    stopSoon();
    assertTimeout(
        Duration.ofSeconds(5), () -> loop.execute(() -> sleep(Duration.ofMinutes(5)), () -> false));
    assertFalse(Thread.currentThread().isInterrupted());
  }

  @Test
  void aBatchIsNotInterruptedByAStop() throws Exception {
    Loop loop = loop(MILLISECOND, HOUR);
    loop.execute(
        () -> {
          loop.planned(1);
          stop.countDown();
          sleep(GRACE.multipliedBy(3));
          runs.incrementAndGet();
        },
        () -> false);
    assertEquals(1, runs.get());
    loop.execute(runs::incrementAndGet, () -> false);
    assertEquals(1, runs.get(), "It began after the stop");
  }

  @Test
  void fallingBehindIsToldOnceAndItsEndToo() throws Exception {
    Loop loop = loop(MILLISECOND, Duration.ZERO);
    long[] backlogs = {1000, 1000, 1000, 9000, 9000, 9000, 1, 1};
    loop.execute(
        () -> {
          loop.planned(backlogs[runs.getAndIncrement()]);
          pass(SECOND);
          stopAfter(backlogs.length);
        },
        () -> false);
    assertEquals(List.of("behind true BEHIND 9000", "behind false RUNNING 1"), told);
  }

  @Test
  void aWaitIsNotTheEndOfFallingBehind() throws Exception {
    Loop loop = loop(MILLISECOND, Duration.ofMinutes(1));
    long[] backlogs = {1000, 1000, 1000, 9000, 9000, 9000, 0, 90_000, 80_000};
    loop.execute(
        () -> {
          int run = runs.getAndIncrement();
          if (backlogs[run] == 0) {
            throw AWAY;
          }
          loop.planned(backlogs[run]);
          pass(SECOND);
          stopAfter(backlogs.length);
        },
        () -> false);
    assertEquals(List.of("behind true BEHIND 9000", "waits: away", "goes on"), told);
  }
}
