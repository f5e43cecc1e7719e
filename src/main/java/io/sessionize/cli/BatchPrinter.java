package io.sessionize.cli;

import io.sessionize.Secrets;
import io.sessionize.job.BatchReport;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.session.Watermark;
import io.sessionize.summary.RunSummary;
import java.io.PrintStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Prints a line for each batch of a run, and its warnings to stderr. */
final class BatchPrinter {
  private static final Logger LOG = LoggerFactory.getLogger(BatchPrinter.class);

  /** Counts that are zero nearly always. */
  static final List<String> IF_ANY =
      List.of(
          "conflicting_copies",
          "filtered",
          "unfit",
          "failed_conditions",
          "damaged",
          "failed_columns");

  private static final List<String> IN_LINE =
      List.of(
          "records",
          "events",
          "duplicates",
          "late",
          "rejected",
          "opened",
          "sessions_added",
          "sessions_changed",
          "sessions_removed",
          "open");

  private final PrintStream out;
  private final Supplier<String> prefix;

  /** Damaged rows of the last batch: continuous mode has thousands of batches a day. */
  private long damaged;

  BatchPrinter(PrintStream out) {
    this(out, () -> "");
  }

  private BatchPrinter(PrintStream out, Supplier<String> prefix) {
    this.out = out;
    this.prefix = prefix;
  }

  /** Returns a printer whose lines begin with their time, for a process that runs for days. */
  static BatchPrinter withTimes(PrintStream out) {
    return new BatchPrinter(out, BatchPrinter::time);
  }

  /** Prints a committed batch. */
  void batch(BatchReport batch) {
    StringBuilder line = new StringBuilder(prefix.get());
    Map<String, Long> counts = batch.counts();
    IN_LINE.forEach(name -> line.append(name).append(' ').append(counts.get(name)).append("  "));
    IF_ANY.stream()
        .filter(name -> counts.get(name) > 0)
        .forEach(name -> line.append(name).append(' ').append(counts.get(name)).append("  "));
    line.append("watermark ").append(instant(batch.watermark()));
    line.append(String.format(Locale.ROOT, "  seconds %.1f", batch.time().milliseconds() / 1000.0));
    out.println(line);
    OffsetRange lost = batch.read().lost();
    lost.from()
        .next()
        .forEach(
            (partition, first) ->
                warn(
                    "Kafka deleted offsets [%d, %d) of partition %s before they were read.",
                    first, lost.to().next().get(partition), partition));
    warnOfDamaged(batch);
  }

  /**
   * Warns of damaged rows, on stderr and in the log, if their number is another one than before.
   */
  void warnOfDamaged(BatchReport did) {
    long before = damaged;
    damaged = did.sessions().damaged();
    if (damaged > 0 && damaged != before) {
      String text =
          damaged
              + " damaged rows are unchanged: sessionize check lists them; backfill or recompute"
              + " replaces them.";
      LOG.warn(text);
      warn("%s", text);
    }
  }

  /** Prints a warning to stderr. */
  void warn(String format, Object... args) {
    print(prefix.get(), format, args);
  }

  /** Prints a warning of a process that runs for days, with its time, to stderr. */
  static void warnWithTime(String format, Object... args) {
    print(time(), format, args);
  }

  private static void print(String prefix, String format, Object... args) {
    // A message of a service may repeat a secret, as in the line of a failure: see Main.
    String text = Secrets.redacted(String.format(format, args));
    System.err.println(prefix + "sessionize: warning: " + text);
  }

  private static String time() {
    return Instant.now().truncatedTo(ChronoUnit.SECONDS) + "  ";
  }

  /** Prints what the run did beside its batches. */
  void run(BatchReport done) {
    if (done.isNothing()) {
      out.println("nothing to do");
    }
    warnOfCheckpoint(done);
  }

  /** Warns if the checkpoint was replaced. */
  void warnOfCheckpoint(BatchReport done) {
    done.checkpointSetAside()
        .ifPresent(
            where ->
                warn(
                    "the checkpoint could not be used and was moved to %s; the run continued from"
                        + " the offsets of the tables.",
                    where));
  }

  private static String instant(Watermark watermark) {
    return RunSummary.known(watermark.publishedMs())
        .map(ms -> Instant.ofEpochMilli(ms).toString())
        .orElse("none");
  }
}
