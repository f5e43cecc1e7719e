package io.sessionize.cli;

import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A run's report as OpenMetrics text, for Prometheus' textfile collector. All are gauges: they tell
 * of one run, and the next run's file replaces them.
 */
final class MetricsFile {
  private static final String PREFIX = "sessionize_";

  private final Labels table;
  private final MetricSnapshots.Builder metrics = MetricSnapshots.builder();

  private MetricsFile(RunReport report) {
    table = Labels.of("table", report.table(), "command", report.command());
    report
        .did()
        .counts()
        .forEach((name, count) -> add("run_" + name, "In the last run: " + name + ".", count));
    addEach(
        "run_rejected_by_reason",
        "Records rejected in the last run.",
        "reason",
        report.did().rejected());
    addEach("run_step_seconds", "What the last run spent on it.", "step", report.secondsByStep());
    addEach(
        "offsets_next",
        "Where the next run begins to read.",
        "partition",
        report.did().next().next());
    add("run_batches", "Batches that the last run committed.", report.did().batches());
    add("run_seconds", "How long the last run took.", report.seconds());
    add("run_heap_peak_bytes", "The most that its heap has held.", report.heapPeakBytes());
    add(
        "run_end_timestamp_seconds",
        "When the last run ended.",
        report.ended().toEpochMilli() / 1e3);
    if (report.watermark() != null) {
      add(
          "watermark_timestamp_seconds",
          "Sessions that ended before it are closed.",
          report.watermark().toEpochMilli() / 1e3);
    }
  }

  /** Writes the file, whole or not at all. */
  static void write(RunReport report, String file) {
    MetricSnapshots metrics = new MetricsFile(report).metrics.build();
    RunReport.replace(
        file, out -> new OpenMetricsTextFormatWriter(false, false).write(out, metrics));
  }

  private void add(String name, String help, double value) {
    add(name, help, List.of(new GaugeDataPointSnapshot(value, table, null)));
  }

  private void addEach(String name, String help, String label, Map<?, ? extends Number> values) {
    List<GaugeDataPointSnapshot> points = new ArrayList<>();
    values.forEach(
        (key, value) ->
            points.add(
                new GaugeDataPointSnapshot(
                    value.doubleValue(), table.add(label, key.toString()), null)));
    if (!points.isEmpty()) {
      add(name, help, points);
    }
  }

  private void add(String name, String help, List<GaugeDataPointSnapshot> points) {
    GaugeSnapshot.Builder gauge = GaugeSnapshot.builder().name(PREFIX + name).help(help);
    points.forEach(gauge::dataPoint);
    metrics.metricSnapshot(gauge.build());
  }
}
