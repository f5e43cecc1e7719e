package io.sessionize.cli;

import io.sessionize.job.BatchReport;
import io.sessionize.session.Watermark;
import java.io.PrintStream;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a run did, for people: a line for each batch. */
final class ReportPrinter {
  private static final List<String> IN_LINE =
      List.of(
          "records",
          "events",
          "duplicates",
          "late",
          "rejected",
          "opened",
          "closed",
          "restated",
          "open");

  private final PrintStream out;

  ReportPrinter(PrintStream out) {
    this.out = out;
  }

  /** One line for a batch that is committed. */
  void batch(BatchReport batch) {
    StringBuilder line = new StringBuilder();
    Map<String, Long> counts = batch.counts();
    IN_LINE.forEach(name -> line.append(name).append(' ').append(counts.get(name)).append("  "));
    if (batch.damaged() > 0) {
      line.append("damaged ").append(batch.damaged()).append("  ");
    }
    line.append("watermark ").append(instant(batch.watermark()));
    line.append(String.format(Locale.ROOT, "  seconds %.1f", batch.milliseconds() / 1000.0));
    out.println(line);
    batch
        .lost()
        .forEach(
            (partition, gap) ->
                System.err.printf(
                    "sessionize: warning: Kafka deleted offsets [%d, %d) of partition %d before they were read.%n",
                    gap.get(0), gap.get(1), partition));
    warnOfDamaged(batch);
  }

  /** Says on stderr where damaged rows were left as they are, and what to do about them. */
  static void warnOfDamaged(BatchReport did) {
    if (did.damaged() > 0) {
      System.err.printf(
          "sessionize: warning: %d damaged rows stay as they are: sessionize check names them; backfill or recompute"
              + " replaces them.%n",
          did.damaged());
    }
  }

  /** What a whole run did, its batches apart. */
  void run(BatchReport done) {
    if (done.isNothing()) {
      out.println("nothing to do");
    }
    setAside(done);
  }

  /** Warns where the checkpoint could not be followed. */
  void setAside(BatchReport done) {
    if (done.checkpointSetAside() != null) {
      System.err.printf(
          "sessionize: warning: the checkpoint could not be followed and lies at %s now; the run went on from"
              + " where the tables stand.%n",
          done.checkpointSetAside());
    }
  }

  private static String instant(Watermark watermark) {
    return watermark.publishedMs() == Watermark.NONE
        ? "none"
        : Instant.ofEpochMilli(watermark.publishedMs()).toString();
  }
}
