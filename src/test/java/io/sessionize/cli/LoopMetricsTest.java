package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.continuous.LoopStatus;
import io.sessionize.continuous.LoopStatus.State;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoopMetricsTest {
  private static final Instant NOW = Instant.parse("2026-03-02T10:00:00Z");

  /** A loop that has just begun. */
  static final LoopStatus NEW =
      new LoopStatus(
          State.RUNNING,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Duration.ofSeconds(10),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          0,
          0);

  @TempDir private Path folder;

  @Test
  void whatIsKnownIsAGauge() throws Exception {
    List<String> lines =
        written(
            new LoopStatus(
                State.WAITING,
                Optional.of(NOW.minusSeconds(60)),
                seconds(2),
                seconds(3),
                seconds(4),
                seconds(5),
                Duration.ofSeconds(1),
                Optional.of(7L),
                seconds(6),
                Optional.of(NOW.minusSeconds(120)),
                8,
                9));
    String run = "{command=\"run\",table=\"sessions.user_sessions\"}";
    for (String line :
        List.of(
            // The form that the readiness probe looks for.
            "sessionize_loop_state{command=\"run\",state=\"waiting\",table=\"sessions.user_sessions\"}"
                + " 1.0",
            "sessionize_loop_state{command=\"run\",state=\"behind\",table=\"sessions.user_sessions\"}"
                + " 0.0",
            "sessionize_loop_waiting_since_timestamp_seconds" + run + " 1.77244554E9",
            "sessionize_loop_trigger_seconds" + run + " 1.0",
            "sessionize_loop_retries" + run + " 8.0",
            "sessionize_loop_maintenance_failures" + run + " 9.0",
            "sessionize_latency_seconds" + run + " 2.0",
            "sessionize_latency_max_seconds" + run + " 3.0",
            "sessionize_batch_seconds" + run + " 4.0",
            "sessionize_batch_max_seconds" + run + " 5.0",
            "sessionize_backlog_offsets" + run + " 7.0",
            "sessionize_backlog_seconds" + run + " 6.0",
            "sessionize_loop_timestamp_seconds" + run + " 1.7724456E9",
            "sessionize_last_commit_timestamp_seconds" + run + " 1.77244548E9")) {
      assertTrue(lines.contains(line), () -> line + " is not in " + lines);
    }
  }

  @Test
  void whatIsNotKnownIsAbsent() throws Exception {
    String text = String.join("\n", written(NEW));
    for (String unknown : List.of("since", "latency", "batch", "backlog", "last_commit")) {
      assertFalse(text.contains("sessionize_" + unknown), text);
    }
    assertTrue(text.contains("state=\"running\""), text);
  }

  private static Optional<Duration> seconds(long seconds) {
    return Optional.of(Duration.ofSeconds(seconds));
  }

  private List<String> written(LoopStatus status) throws Exception {
    Path file = folder.resolve("run.prom");
    Gauges gauges = new Gauges("sessions.user_sessions", "run");
    LoopMetrics.add(status, NOW, gauges);
    gauges.write(file.toString());
    return Files.readAllLines(file);
  }
}
