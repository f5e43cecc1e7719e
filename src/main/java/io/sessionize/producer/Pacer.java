package io.sessionize.producer;

import java.util.function.LongSupplier;

/** Decides when an event may be sent. */
@FunctionalInterface
public interface Pacer {
  /** Shorter sleeps are inexact and cost CPU. At high rates, a few events are sent together. */
  long SHORTEST_SLEEP_NANOS = 1_000_000;

  /** Waits for a time; may return early. */
  @FunctionalInterface
  interface Sleeper {
    void sleep(long nanos) throws InterruptedException;
  }

  /** Blocks until the event with this index (from 0) may be sent. */
  void await(long index) throws InterruptedException;

  /** Returns a pacer without limit. */
  static Pacer none() {
    return index -> {};
  }

  /**
   * Returns a pacer that sends no event before it is due. Events that are behind the schedule are
   * sent as fast as possible.
   *
   * @param nanoTime clock, as {@link System#nanoTime}; its current value is the start
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
