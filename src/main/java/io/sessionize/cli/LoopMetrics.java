package io.sessionize.cli;

import io.sessionize.continuous.LoopStatus;
import io.sessionize.continuous.LoopStatus.State;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Adds the status of continuous mode to metrics. What is not known yet is absent. */
final class LoopMetrics {
  private static final double MILLISECONDS = 1000.0;

  private LoopMetrics() {}

  /**
   * Adds the metrics.
   *
   * @param now when the status was taken
   */
  static void add(LoopStatus status, Instant now, Gauges gauges) {
    Map<String, Integer> states = new TreeMap<>();
    for (State state : State.values()) {
      states.put(state.text(), state == status.state() ? 1 : 0);
    }
    gauges.addEach(
        "loop_state", "1 for what continuous mode is doing, 0 for the others.", "state", states);
    status
        .waitingSince()
        .ifPresent(
            since ->
                gauges.add(
                    "loop_waiting_since_timestamp_seconds",
                    "Time at which continuous mode began to wait for a service or another writer.",
                    since));
    gauges.add(
        "loop_trigger_seconds",
        "--trigger: the wanted time from the start of a run to the start of the next.",
        status.trigger().toMillis() / MILLISECONDS);
    gauges.add(
        "loop_retries",
        "Attempts since the start that have failed and were repeated.",
        status.retries());
    gauges.add(
        "loop_maintenance_failures",
        "Steps of maintenance since the start that have failed.",
        status.maintenanceFailures());
    gauges.add("loop_timestamp_seconds", "When these numbers were written.", now);
    addPace(
        gauges, status.latency(), status.greatestLatency(), status.batch(), status.longestBatch());
    status
        .backlog()
        .ifPresent(
            offsets ->
                gauges.add(
                    "backlog_offsets", "Offsets that waited when the last run began.", offsets));
    addBacklogTime(gauges, status.backlogTime());
    status
        .lastCommit()
        .ifPresent(at -> gauges.add(StatusMetrics.LAST_COMMIT, StatusMetrics.LAST_COMMIT_HELP, at));
  }

  /** Adds how fast the last batches were. */
  static void addPace(
      Gauges gauges,
      Optional<Duration> latency,
      Optional<Duration> greatestLatency,
      Optional<Duration> batch,
      Optional<Duration> longestBatch) {
    add(
        gauges,
        "latency_seconds",
        "Time from the earliest Kafka timestamp of a batch to its commit, for the last batch that read"
            + " records.",
        latency);
    add(
        gauges,
        "latency_max_seconds",
        "The greatest latency of a batch of the last hour; of status, in the hour before the last"
            + " commit.",
        greatestLatency);
    add(gauges, "batch_seconds", "Duration of the last batch.", batch);
    add(
        gauges,
        "batch_max_seconds",
        "The longest duration of a batch of the last hour; of status, in the hour before the last"
            + " commit.",
        longestBatch);
  }

  /** Adds how long the offsets take that wait. */
  static void addBacklogTime(Gauges gauges, Optional<Duration> time) {
    add(
        gauges,
        "backlog_seconds",
        "How long the offsets that wait take at the speed of the last hour.",
        time);
  }

  private static void add(Gauges gauges, String name, String help, Optional<Duration> time) {
    time.ifPresent(known -> gauges.add(name, help, known.toMillis() / MILLISECONDS));
  }
}
