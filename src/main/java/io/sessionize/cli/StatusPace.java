package io.sessionize.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sessionize.audit.RecentBatches;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * How fast the job is, as status shows it.
 *
 * @param lag offsets that wait; null if not known
 */
record StatusPace(RecentBatches recent, Long lag) {
  private static final double MILLISECONDS = 1000.0;

  /** Of a shorter time, the tenths of a second are shown. */
  private static final Duration SHORT = Duration.ofMinutes(2);

  /** Prints a line for each thing that is known. */
  void print(PrintStream out) {
    recent
        .last()
        .ifPresent(
            last ->
                out.printf(
                    "batch      %s, longest in the hour before the last commit %s%n",
                    text(last), text(recent.longest().orElse(last))));
    recent
        .latency()
        .ifPresent(
            last ->
                out.printf(
                    "latency    %s from the oldest record of the batch to its commit, greatest in"
                        + " that hour %s%n",
                    text(last), text(recent.greatestLatency().orElse(last))));
    lagTime()
        .filter(time -> !time.isZero())
        .ifPresent(time -> out.printf("backlog    takes %s at this speed%n", text(time)));
  }

  /** Adds all as fields in seconds, or null. */
  void addTo(ObjectNode json) {
    json.put("batch_seconds", number(recent.last()));
    json.put("batch_max_seconds", number(recent.longest()));
    json.put("latency_seconds", number(recent.latency()));
    json.put("latency_max_seconds", number(recent.greatestLatency()));
    json.put("backlog_seconds", number(lagTime()));
  }

  /** How long the lag takes at the speed of the last batches. */
  Optional<Duration> lagTime() {
    return Optional.ofNullable(lag).flatMap(recent::timeFor);
  }

  private static Double number(Optional<Duration> time) {
    return time.map(known -> known.toMillis() / MILLISECONDS).orElse(null);
  }

  private static String text(Duration time) {
    return time.compareTo(SHORT) >= 0
        ? LoopPrinter.text(time)
        : String.format(Locale.ROOT, "%.1f s", time.toMillis() / MILLISECONDS);
  }
}
