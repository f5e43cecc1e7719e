package io.sessionize.job;

import java.util.LinkedHashMap;
import java.util.Map;

/** Measures the wall time of the steps of a batch. */
final class Durations {
  private final long started = System.nanoTime();
  private final Map<String, Long> steps = new LinkedHashMap<>();
  private long stepStarted = started;

  /** Ends a step and begins the next one. */
  void end(String step) {
    long now = System.nanoTime();
    steps.merge(step, milliseconds(stepStarted, now), Long::sum);
    stepStarted = now;
  }

  /** The time since the batch began, and the steps that have ended, in their order. */
  BatchReport.Time time() {
    return new BatchReport.Time(total(), new LinkedHashMap<>(steps));
  }

  /** Milliseconds since the batch began. */
  long total() {
    return milliseconds(started, System.nanoTime());
  }

  private static long milliseconds(long from, long to) {
    return (to - from) / 1_000_000;
  }
}
