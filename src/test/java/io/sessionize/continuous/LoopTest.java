package io.sessionize.continuous;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.sessionize.Failure;
import io.sessionize.continuous.LoopStatus.State;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LoopTest {
  private static final Failure AWAY = Failure.unreachable(null, "away");
  private static final Duration MILLISECOND = Duration.ofMillis(1);
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration GRACE = Duration.ofMillis(200);

  private final CountDownLatch stop = new CountDownLatch(1);
  private final List<String> told = new ArrayList<>();
  private final AtomicInteger runs = new AtomicInteger();
  private LoopStatus last;

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
        Duration.ofMillis(2500),
        () ->
            loop.execute(
                () -> {
                  // The second pause is two seconds long.
                  if (runs.incrementAndGet() == 3) {
                    stop.countDown();
                  }
                  if (runs.get() > 1) {
                    throw AWAY;
                  }
                },
                () -> false),
        "The second pause was not cut");
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
  void aLongStepOfMaintenanceIsInterruptedByAStop() {
    Loop loop = loop(HOUR, HOUR);
    assertTimeout(
        Duration.ofSeconds(5),
        () ->
            loop.execute(
                () -> {
                  loop.planned(1);
                  runs.incrementAndGet();
                },
                () -> {
                  stopSoon();
                  sleep(Duration.ofMinutes(5));
                  return true;
                }));
    assertEquals(1, runs.get());
    assertEquals(List.of(), told);
    assertFalse(Thread.currentThread().isInterrupted());
  }

  @Test
  void aShortStepOfMaintenanceIsNotInterruptedByAStop() throws Exception {
    AtomicInteger steps = new AtomicInteger();
    loop(HOUR, HOUR)
        .execute(
            () -> {},
            () -> {
              stop.countDown();
              sleep(GRACE.dividedBy(4));
              return steps.incrementAndGet() > 0;
            });
    assertEquals(1, steps.get());
  }

  @Test
  void onlyOneStepOfMaintenanceFollowsARunThatIsDueAgain() throws Exception {
    AtomicInteger steps = new AtomicInteger();
    loop(MILLISECOND, Duration.ZERO)
        .execute(
            () -> {
              runs.incrementAndGet();
              sleep(Duration.ofMillis(5));
              stopAfter(4);
            },
            () -> steps.incrementAndGet() > 0);
    assertEquals(3, steps.get());
  }

  @Test
  void stepsOfMaintenanceFillTheTimeUntilTheNextRun() throws Exception {
    AtomicInteger steps = new AtomicInteger();
    loop(Duration.ofMillis(300), Duration.ZERO)
        .execute(
            () -> {
              runs.incrementAndGet();
              stopAfter(2);
            },
            () -> steps.incrementAndGet() < 5);
    assertEquals(5, steps.get());
  }

  @Test
  void maintenanceThatFailsIsToldAndTheLoopGoesOn() throws Exception {
    loop(MILLISECOND, Duration.ZERO)
        .execute(
            () -> {
              runs.incrementAndGet();
              stopAfter(3);
            },
            () -> {
              throw new IllegalStateException("no space");
            });
    assertEquals(List.of("maintenance: no space", "maintenance: no space"), told);
    assertEquals(2, last.maintenanceFailures());
  }

  @Test
  void aCheckedExceptionOfMaintenanceIsNoEnd() throws Exception {
    loop(MILLISECOND, Duration.ZERO)
        .execute(
            () -> {
              runs.incrementAndGet();
              stopAfter(2);
            },
            () -> {
              throw LoopTest.<RuntimeException>undeclared(new IOException("a task has failed"));
            });
    assertEquals(List.of("maintenance: a task has failed"), told);
  }

  /** Throws a checked exception as Scala does. */
  @SuppressWarnings("unchecked") // The type of an exception is erased.
  private static <E extends Exception> E undeclared(Exception exception) throws E {
    throw (E) exception;
  }

  @Test
  void fallingBehindIsToldOnceAndItsEndToo() throws Exception {
    Loop loop = loop(MILLISECOND, Duration.ZERO);
    long[] backlogs = {1000, 2000, 3000, 4000, 8000, 10_000, 1, 1};
    loop.execute(
        () -> {
          loop.planned(backlogs[runs.getAndIncrement()]);
          sleep(Duration.ofMillis(5));
          stopAfter(backlogs.length);
        },
        () -> false);
    assertEquals(List.of("behind true BEHIND 4000", "behind false RUNNING 1"), told);
  }

  @Test
  void aWaitIsNotTheEndOfFallingBehind() throws Exception {
    Loop loop = loop(MILLISECOND, Duration.ofMinutes(1));
    long[] backlogs = {1000, 2000, 3000, 4000, 0, 90_000, 80_000};
    loop.execute(
        () -> {
          int run = runs.getAndIncrement();
          if (backlogs[run] == 0) {
            throw AWAY;
          }
          loop.planned(backlogs[run]);
          sleep(Duration.ofMillis(5));
          stopAfter(backlogs.length);
        },
        () -> false);
    assertEquals(List.of("behind true BEHIND 4000", "waits: away", "goes on"), told);
  }

  private Loop loop(Duration trigger, Duration mostWait) {
    return new Loop(
        trigger,
        new Patience(mostWait, System::currentTimeMillis),
        stop,
        LoopTest::explain,
        listener(),
        System::currentTimeMillis,
        GRACE);
  }

  private static Failure explain(Throwable thrown) {
    return thrown instanceof Failure known
        ? known
        : new Failure(Failure.Kind.OTHER, thrown.getMessage(), thrown);
  }

  private void stopAfter(int count) {
    if (runs.get() >= count) {
      stop.countDown();
    }
  }

  private void stopSoon() {
    Thread stopper =
        new Thread(
            () -> {
              sleep(Duration.ofMillis(100));
              stop.countDown();
            });
    stopper.setDaemon(true);
    stopper.start();
  }

  private static void sleep(Duration time) {
    try {
      TimeUnit.NANOSECONDS.sleep(time.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private Loop.Listener listener() {
    return new Loop.Listener() {
      @Override
      public void waits(Failure failure, Duration pause) {
        told.add("waits: " + failure.getMessage());
      }

      @Override
      public void goesOn(Duration waited) {
        told.add("goes on");
      }

      @Override
      public void fallsBehind(boolean behind, LoopStatus status) {
        told.add("behind " + behind + " " + status.state() + " " + status.backlog().orElseThrow());
      }

      @Override
      public void maintenanceFails(Failure failure) {
        told.add("maintenance: " + failure.getMessage());
      }

      @Override
      public void changed(LoopStatus status) {
        last = status;
      }
    };
  }
}
