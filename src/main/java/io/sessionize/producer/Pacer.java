package io.sessionize.producer;

import java.util.function.LongSupplier;

/** Says when the next event may go. */
@FunctionalInterface
public interface Pacer {
  /** Shorter sleeps cost more than they pace: at high rates a few events go together. */
  long SHORTEST_SLEEP_NANOS = 1_000_000;

  /** Waits, or comes back early when it is told to. */
  @FunctionalInterface
  interface Sleeper {
    void sleep(long nanos) throws InterruptedException;
  }

  /** Returns when the event with this index (from 0) may go. */
  void await(long index) throws InterruptedException;

  /** As fast as possible. */
  static Pacer none() {
    return index -> {};
  }

  /**
   * No event before it is due; whatever fell behind is made up for, as fast as possible.
   *
   * @param nanoTime the clock, as {@link System#nanoTime}; its present value is the start
   */
  static Pacer even(Rate rate, LongSupplier nanoTime, Sleeper sleeper) {
    long start = nanoTime.getAsLong();
    return index -> {
      long ahead = start + rate.dueNanos(index) - nanoTime.getAsLong();
      if (ahead > 0) {
        sleeper.sleep(Math.max(ahead, SHORTEST_SLEEP_NANOS));
      }
    };
  }
}
