package io.sessionize.cli;

import io.sessionize.spark.internal.Signals;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** What SIGINT and SIGTERM do. */
final class Interruption {
  private static final long PATIENCE_SECONDS = 10;
  private static final AtomicBoolean SIGNALLED = new AtomicBoolean();

  private Interruption() {}

  /** Whether the process is ending because it was told to. */
  static boolean signalled() {
    return SIGNALLED.get();
  }

  /**
   * Says one line and lets the JVM end as it would, with 130 or 143. Nothing needs to be saved:
   * what a batch has not committed is done again by the next run.
   *
   * @param line what to tell
   */
  static void endsTheProcess(String line) {
    for (String signal : new String[] {"INT", "TERM"}) {
      Signals.on(
          signal,
          () -> {
            if (SIGNALLED.compareAndSet(false, true)) {
              System.err.println("sessionize: interrupted by SIG" + signal + ": " + line);
            }
            return false;
          });
    }
  }

  /**
   * Lets work end in good order before the JVM does: asks it to stop and waits for it, at most
   * {@value #PATIENCE_SECONDS} seconds. The exit code stays the JVM's, 130 or 143.
   *
   * @param stop counted down to ask
   * @param done counted down by the work when it has ended, well or badly
   */
  static void waitsFor(CountDownLatch stop, CountDownLatch done) {
    Thread hook =
        new Thread(
            () -> {
              stop.countDown();
              try {
                done.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Opens the latch at the first signal; at the second one the JVM ends as it would. */
  static void asksToStop(CountDownLatch stop) {
    for (String signal : new String[] {"INT", "TERM"}) {
      Signals.on(
          signal,
          () -> {
            boolean first = stop.getCount() > 0;
            stop.countDown();
            return first;
          });
    }
  }
}
