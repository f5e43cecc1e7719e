package io.sessionize.job;

import java.util.LinkedHashMap;
import java.util.Map;

/** How long a batch takes, step by step. */
final class Durations {
  private final long started = System.nanoTime();
  private final Map<String, Long> steps = new LinkedHashMap<>();
  private long stepStarted = started;

  /** Ends a step. The next one begins. */
  void end(String step) {
    long now = System.nanoTime();
    steps.merge(step, milliseconds(stepStarted, now), Long::sum);
    stepStarted = now;
  }

  /** Milliseconds of each step that has ended, in their order. */
  Map<String, Long> steps() {
    return new LinkedHashMap<>(steps);
  }

  /** Milliseconds since the batch began. */
  long total() {
    return milliseconds(started, System.nanoTime());
  }

  private static long milliseconds(long from, long to) {
    return (to - from) / 1_000_000;
  }
}
