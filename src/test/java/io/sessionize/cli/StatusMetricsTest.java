package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.audit.ColumnFilling;
import io.sessionize.audit.RecentBatches;
import io.sessionize.audit.Status;
import io.sessionize.audit.Status.Limits;
import io.sessionize.audit.Status.PartitionLag;
import io.sessionize.session.Partition;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatusMetricsTest {
  private static final Instant NOW = Instant.parse("2026-03-02T10:00:00Z");

  /** The last batch took two seconds; nothing else is known. */
  static final RecentBatches RECENT =
      new RecentBatches(
          Optional.of(Duration.ofSeconds(2)),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());

  @TempDir private Path folder;

  @Test
  void theLagIsAGaugeByPartition() throws Exception {
    List<String> lines = written(status(7L, null), NOW.minusSeconds(60));
    String table = "table=\"sessions.user_sessions\"";
    for (String line :
        List.of(
            "# TYPE sessionize_lag_offsets gauge",
            "sessionize_lag_offsets{command=\"status\",partition=\"1\","
                + table
                + ",topic=\"web\"} 7.0",
            "sessionize_lag_old_offsets{command=\"status\"," + table + "} 2.0",
            "sessionize_set_aside_users{command=\"status\"," + table + "} 3.0",
            "sessionize_watermark_timestamp_seconds{command=\"status\"," + table + "} 1.7724456E9",
            "sessionize_last_commit_timestamp_seconds{command=\"status\","
                + table
                + "} 1.77244554E9",
            "sessionize_batch_seconds{command=\"status\"," + table + "} 2.0",
            "sessionize_status_exit_code{command=\"status\"," + table + "} 0.0")) {
      assertTrue(lines.contains(line), () -> line + " is not in " + lines);
    }
    assertEquals("# EOF", lines.get(lines.size() - 1));
  }

  @Test
  void whatIsNotKnownIsAbsent() throws Exception {
    Failure silent = Failure.unreachable(null, "Kafka is away");
    String text = String.join("\n", written(status(null, silent), null));
    assertFalse(text.contains("lag"), text);
    assertFalse(text.contains("last_commit"), text);
    assertTrue(text.contains("sessionize_status_exit_code{"), text);
    assertTrue(text.contains("} 5.0"), text);
  }

  private List<String> written(Status status, Instant lastRun) throws Exception {
    Path file = folder.resolve("status.prom");
    StatusMetrics.write("sessions.user_sessions", status, lastRun, RECENT, file.toString());
    return Files.readAllLines(file);
  }

  @Test
  void howFarSessionColumnsAreFilledIsAGauge() throws Exception {
    LocalDate day = LocalDate.parse("2026-03-01");
    String half =
        String.join("\n", written(status(0L, null, new ColumnFilling(2, false, day)), NOW));
    assertTrue(half.contains("sessionize_session_columns_complete{command=\"status\""), half);
    assertTrue(
        half.contains(
            "sessionize_session_columns_through_timestamp_seconds{command=\"status\","
                + "table=\"sessions.user_sessions\"} 1.7724096E9"),
        half);
    String all =
        String.join("\n", written(status(0L, null, new ColumnFilling(2, true, null)), NOW));
    assertTrue(
        all.contains(
            "sessionize_session_columns_complete{command=\"status\",table=\"sessions.user_sessions\"}"
                + " 1.0"),
        all);
    assertFalse(all.contains("columns_through"), all);
    String none = String.join("\n", written(status(0L, null), NOW));
    assertFalse(none.contains("session_columns"), none);
  }

  static Status status(Long lag, Failure unreachable) {
    return status(lag, unreachable, null);
  }

  private static Status status(Long lag, Failure unreachable, ColumnFilling columns) {
    Long old = lag == null ? null : Long.valueOf(2);
    Long latest = lag == null ? null : Long.valueOf(10 + lag);
    return new Status(
        Set.of("web"),
        List.of(new PartitionLag(new Partition("web", 1), 10, null, latest, lag)),
        lag,
        old,
        unreachable,
        null,
        NOW,
        false,
        4,
        0,
        3,
        columns,
        null,
        false,
        false,
        NOW,
        Limits.NONE);
  }
}
