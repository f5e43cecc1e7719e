package io.sessionize.cli;

import io.sessionize.audit.RecentBatches;
import io.sessionize.audit.Status;
import io.sessionize.audit.Status.PartitionLag;
import io.sessionize.session.Partition;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.TreeMap;

/** Writes the status as metrics. What is not known is absent. */
final class StatusMetrics {
  static final String LAST_COMMIT = "last_commit_timestamp_seconds";
  static final String LAST_COMMIT_HELP = "When a run last committed anything.";

  private StatusMetrics() {}

  /**
   * Writes the file atomically.
   *
   * @param table as {@code database.table}
   * @param lastRun when a run last committed anything; null if none ever has
   * @param recent the last batches
   */
  static void write(String table, Status status, Instant lastRun, RecentBatches recent, String file)
      throws IOException {
    Gauges gauges = new Gauges(table, "status");
    Map<Partition, Long> lag = new TreeMap<>();
    for (PartitionLag partition : status.partitions()) {
      if (partition.lag() != null) {
        lag.put(partition.partition(), partition.lag());
      }
    }
    gauges.addPartitions("lag_offsets", "Offsets that wait for the next run.", lag);
    if (status.old() != null) {
      gauges.add(
          "lag_old_offsets",
          "Offsets that have waited for longer than --max-behind, or two hours.",
          status.old());
    }
    gauges.add("open_sessions", "Open sessions, as of the last run.", status.open());
    gauges.add("set_aside_users", "Users that are set aside.", status.setAside());
    if (status.columns() != null) {
      gauges.add(
          "session_columns_complete",
          "1 if all rows follow the session columns, else 0.",
          status.columns().isComplete() ? 1 : 0);
      if (status.columns().through() != null) {
        gauges.add(
            "session_columns_through_timestamp_seconds",
            "End of the last day that recompute --columns-only has filled.",
            status.columns().through().plusDays(1).atStartOfDay().toInstant(ZoneOffset.UTC));
      }
    }
    if (status.watermark() != null) {
      gauges.add(MetricsFile.WATERMARK, MetricsFile.WATERMARK_HELP, status.watermark());
    }
    if (lastRun != null) {
      gauges.add(LAST_COMMIT, LAST_COMMIT_HELP, lastRun);
    }
    LoopMetrics.addPace(
        gauges, recent.latency(), recent.greatestLatency(), recent.last(), recent.longest());
    LoopMetrics.addBacklogTime(gauges, new StatusPace(recent, status.records()).lagTime());
    gauges.add(
        "status_exit_code",
        "Exit code of status: 0, or that of the next run, or 1 if a limit is exceeded.",
        status.exitCode());
    gauges.add("status_timestamp_seconds", "When the status was read.", status.asked());
    gauges.write(file);
  }
}
