package io.sessionize.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sessionize.history.Commit;
import io.sessionize.history.History;
import io.sessionize.summary.RunSummary;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Lists the newest batches from the snapshot summaries of the sessions table. */
final class Runs {
  /** Three weeks of hourly runs. Continuous mode makes many more batches. */
  private static final int BATCHES = 500;

  private static final double MILLISECONDS = 1000.0;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> COUNTS =
      List.of(
          "records",
          "events",
          "duplicates",
          "rejected",
          "open",
          "filtered",
          "unfit",
          "conflicting_copies",
          "failed_conditions",
          "failed_columns");

  private Runs() {}

  /**
   * Returns one row for each batch, the oldest first. Times are ISO 8601; {@code seconds} ends when
   * the sessions of the batch were computed.
   */
  static ObjectNode of(History history) {
    List<ObjectNode> batches = new ArrayList<>();
    for (Commit commit : history.commits()) {
      RunSummary run = commit.summary().filter(some -> !some.counts().isEmpty()).orElse(null);
      if (run != null) {
        batches.add(batch(commit.at(), run));
      }
    }
    List<String> names = new ArrayList<>(List.of("at", "command", "run", "watermark"));
    names.addAll(List.of("behind_seconds", "seconds", "added", "changed", "removed"));
    names.addAll(COUNTS);
    return Columns.of(
        names, batches.subList(Math.max(0, batches.size() - BATCHES), batches.size()));
  }

  private static ObjectNode batch(Instant at, RunSummary run) {
    ObjectNode batch = JSON.createObjectNode();
    batch
        .put("at", at.toString())
        .put("command", run.work().toString())
        .put("run", run.run().orElse(null));
    run.watermarkMs()
        .map(Instant::ofEpochMilli)
        .ifPresent(
            watermark -> {
              batch.put("watermark", watermark.toString());
              batch.put("behind_seconds", Duration.between(watermark, at).toSeconds());
            });
    batch.put("seconds", run.count("milliseconds_to_restate") / MILLISECONDS);
    batch.put("added", run.count("sessions_added"));
    batch.put("changed", run.count("sessions_changed"));
    batch.put("removed", run.count("sessions_removed"));
    COUNTS.forEach(name -> batch.put(name, run.count(name)));
    return batch;
  }
}
