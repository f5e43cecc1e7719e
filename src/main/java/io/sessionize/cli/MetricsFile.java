package io.sessionize.cli;

import java.io.IOException;

/**
 * Writes a run's report as metrics. They describe one run; the file of the next run replaces them.
 */
final class MetricsFile {
  static final String WATERMARK = "watermark_timestamp_seconds";
  static final String WATERMARK_HELP = "The watermark: sessions that ended before it are closed.";

  private MetricsFile() {}

  /** Writes the file atomically. */
  static void write(RunReport report, String file) throws IOException {
    Gauges gauges = new Gauges(report.table(), report.command());
    add(report, gauges);
    gauges.write(file);
  }

  /** Adds the metrics of a run. */
  static void add(RunReport report, Gauges gauges) {
    report
        .did()
        .counts()
        .forEach((name, count) -> gauges.add("run_" + name, MetricHelp.of(name), count));
    gauges.addEach(
        "run_rejected_by_reason",
        "Records rejected in the last run.",
        "reason",
        report.did().read().rejected());
    gauges.addEach(
        "run_step_seconds",
        "Seconds that the last run spent on each step.",
        "step",
        report.secondsByStep());
    gauges.addPartitions(
        "offsets_next",
        "Offset at which the next run begins to read.",
        report.did().read().next().next());
    report
        .checked()
        .ifPresent(
            check ->
                gauges.add(
                    "run_violations",
                    "Rows that break an invariant, of those that the last run changed.",
                    check.violations()));
    gauges.add("run_batches", "Batches committed by the last run.", report.did().batches());
    gauges.add("run_seconds", "Duration of the last run.", report.seconds());
    gauges.add("run_heap_peak_bytes", "Largest heap use of the last run.", report.heapPeakBytes());
    gauges.add("run_end_timestamp_seconds", "End of the last run.", report.ended());
    report.watermark().ifPresent(time -> gauges.add(WATERMARK, WATERMARK_HELP, time));
  }
}
