package io.sessionize.continuous;

import io.sessionize.Failure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** A loop whose test decides what its runs do, and sees what it tells. */
abstract class LoopFixture {
  static final Failure AWAY = Failure.unreachable(null, "away");
  static final Duration MILLISECOND = Duration.ofMillis(1);
  static final Duration SECOND = Duration.ofSeconds(1);
  static final Duration HOUR = Duration.ofHours(1);
  static final Duration GRACE = Duration.ofMillis(200);

  final CountDownLatch stop = new CountDownLatch(1);
  final List<String> told = new ArrayList<>();
  final AtomicInteger runs = new AtomicInteger();
  private final AtomicLong passed = new AtomicLong();
  LoopStatus last;

  Loop loop(Duration trigger, Duration mostWait) {
    return new Loop(
        trigger,
        new Patience(mostWait, System::currentTimeMillis),
        stop,
        LoopFixture::explain,
        listener(),
        System::currentTimeMillis,
        () -> System.nanoTime() + passed.get(),
        GRACE);
  }

  private static Failure explain(Throwable thrown) {
    return thrown instanceof Failure known
        ? known
        : new Failure(Failure.Kind.OTHER, thrown.getMessage(), thrown);
  }

  /** Lets time pass for the loop, without a wait. */
  void pass(Duration time) {
    passed.addAndGet(time.toNanos());
  }

  void stopAfter(int count) {
    if (runs.get() >= count) {
      stop.countDown();
    }
  }

  void stopSoon() {
    Thread stopper =
        new Thread(
            () -> {
              sleep(Duration.ofMillis(100));
              stop.countDown();
            });
    stopper.setDaemon(true);
    stopper.start();
  }

  static void sleep(Duration time) {
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
