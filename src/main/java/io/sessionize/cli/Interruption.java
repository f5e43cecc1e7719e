package io.sessionize.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.spark.util.SignalUtils;

/** What SIGINT and SIGTERM do. */
final class Interruption {
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
      SignalUtils.register(
          signal,
          () -> {
            if (SIGNALLED.compareAndSet(false, true)) {
              System.err.println("sessionize: interrupted by SIG" + signal + ": " + line);
            }
            return false;
          });
    }
  }

  /** Opens the latch at the first signal; at the second one the JVM ends as it would. */
  static void asksToStop(CountDownLatch stop) {
    for (String signal : new String[] {"INT", "TERM"}) {
      SignalUtils.register(
          signal,
          () -> {
            boolean first = stop.getCount() > 0;
            stop.countDown();
            return first;
          });
    }
  }
}
