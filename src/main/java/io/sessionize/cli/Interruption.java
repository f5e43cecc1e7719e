package io.sessionize.cli;

import io.sessionize.spark.internal.Signals;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Registers what SIGINT and SIGTERM do. */
final class Interruption {
  private static final long PATIENCE_SECONDS = 10;
  private static final AtomicBoolean SIGNALLED = new AtomicBoolean();

  private Interruption() {}

  /** Returns whether a signal ends the process. */
  static boolean signalled() {
    return SIGNALLED.get();
  }

  /**
   * Prints one line at the first signal. The JVM then ends with 130 or 143. Nothing needs to be
   * saved: the next run repeats what a batch has not committed.
   *
   * @param line what the interruption means for the tables
   */
  static void onSignalPrint(String line) {
    for (String signal : new String[] {"INT", "TERM"}) {
      Signals.on(
          signal,
          () -> {
            print(signal, line);
            return false;
          });
    }
  }

  /** Prints the line, and makes it the last one on stderr. */
  private static void print(String signal, String line) {
    if (SIGNALLED.compareAndSet(false, true)) {
      System.err.println("sessionize: interrupted by SIG" + signal + ": " + line);
      Main.silenceShutdown();
    }
  }

  /**
   * Waits for the work before the JVM ends: asks it to stop, then waits for at most {@value
   * #PATIENCE_SECONDS} seconds. The exit code is that of the JVM, 130 or 143.
   *
   * @param stop opened to ask the work to stop
   * @param done opened by the work when it has ended, with or without success
   */
  static void onShutdownAwait(CountDownLatch stop, CountDownLatch done) {
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

  /**
   * Opens the latch at the first signal. At the second signal, the JVM ends as in {@link
   * #onSignalPrint}.
   */
  static void onSignalStop(CountDownLatch stop, String line) {
    for (String signal : new String[] {"INT", "TERM"}) {
      Signals.on(
          signal,
          () -> {
            boolean first = stop.getCount() > 0;
            stop.countDown();
            if (!first) {
              print(signal, line);
            }
            return first;
          });
    }
  }
}
