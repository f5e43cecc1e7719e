package io.sessionize.continuous;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Steps of maintenance between the runs of a loop. */
class LoopMaintenanceTest extends LoopFixture {
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
              throw LoopMaintenanceTest.<RuntimeException>undeclared(
                  new IOException("a task has failed"));
            });
    assertEquals(List.of("maintenance: a task has failed"), told);
  }

  /** Throws a checked exception as Scala does. */
  @SuppressWarnings("unchecked") // The type of an exception is erased.
  private static <E extends Exception> E undeclared(Exception exception) throws E {
    throw (E) exception;
  }

  @Test
  void whatComesDuringMaintenanceIsNoReasonToFallBehind() throws Exception {
    Loop loop = loop(MILLISECOND, Duration.ZERO);
    loop.execute(
        () -> {
          loop.planned(runs.getAndIncrement() < 5 ? 1000 : 9000);
          pass(SECOND);
          stopAfter(10);
        },
        () -> {
          pass(SECOND.multipliedBy(5));
          return false;
        });
    assertEquals(List.of(), told);
  }
}
