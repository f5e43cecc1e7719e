package io.sessionize.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sessionize.history.Commit;
import io.sessionize.history.History;
import io.sessionize.session.Watermark;
import io.sessionize.summary.RunSummary;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The newest batches, as the snapshots of the sessions table tell of them. */
final class Runs {
  /** Three weeks of hourly runs; in continuous mode they would be without end. */
  private static final int BATCHES = 500;

  private static final double MILLISECONDS = 1000.0;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> COUNTS =
      List.of("records", "events", "duplicates", "rejected", "late", "closed", "open");

  private Runs() {}

  /**
   * One row per batch, the oldest first; times are ISO 8601, {@code seconds} until its sessions
   * were made.
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
    names.addAll(List.of("behind_seconds", "seconds", "changed", "removed"));
    names.addAll(COUNTS);
    return Columns.of(
        names, batches.subList(Math.max(0, batches.size() - BATCHES), batches.size()));
  }

  private static ObjectNode batch(Instant at, RunSummary run) {
    ObjectNode batch = JSON.createObjectNode();
    batch.put("at", at.toString()).put("command", run.command()).put("run", run.run());
    long watermarkMs = run.watermark().publishedMs();
    if (watermarkMs != Watermark.NONE) {
      Instant watermark = Instant.ofEpochMilli(watermarkMs);
      batch.put("watermark", watermark.toString());
      batch.put("behind_seconds", Duration.between(watermark, at).toSeconds());
    }
    batch.put("seconds", count(run, "milliseconds") / MILLISECONDS);
    batch.put("changed", count(run, "restated") - count(run, "ids_changed"));
    batch.put("removed", count(run, "ids_changed"));
    COUNTS.forEach(name -> batch.put(name, count(run, name)));
    return batch;
  }

  private static long count(RunSummary run, String name) {
    return run.counts().getOrDefault(name, 0L);
  }
}
