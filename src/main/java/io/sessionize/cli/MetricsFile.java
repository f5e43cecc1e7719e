package io.sessionize.cli;

import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.sessionize.offsets.Offsets;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Writes a run's report as OpenMetrics text, for the textfile collector of Prometheus. All metrics
 * are gauges: they describe one run, and the file of the next run replaces them.
 */
final class MetricsFile {
  private static final String PREFIX = "sessionize_";

  private final Labels table;
  private final MetricSnapshots.Builder metrics = MetricSnapshots.builder();

  private MetricsFile(RunReport report) {
    table = Labels.of("table", report.table(), "command", report.command());
    report.did().counts().forEach((name, count) -> add("run_" + name, MetricHelp.of(name), count));
    addEach(
        "run_rejected_by_reason",
        "Records rejected in the last run.",
        "reason",
        report.did().read().rejected());
    addEach(
        "run_step_seconds",
        "Seconds that the last run spent on each step.",
        "step",
        report.secondsByStep());
    addOffsets(report.did().read().next());
    report
        .checked()
        .ifPresent(
            check ->
                add(
                    "run_violations",
                    "Rows that break an invariant, of those that the last run changed.",
                    check.violations()));
    add("run_batches", "Batches committed by the last run.", report.did().batches());
    add("run_seconds", "Duration of the last run.", report.seconds());
    add("run_heap_peak_bytes", "Largest heap use of the last run.", report.heapPeakBytes());
    add("run_end_timestamp_seconds", "End of the last run.", report.ended().toEpochMilli() / 1e3);
    if (report.watermark().isPresent()) {
      add(
          "watermark_timestamp_seconds",
          "The watermark: sessions that ended before it are closed.",
          report.watermark().get().toEpochMilli() / 1e3);
    }
  }

  /** Writes the file atomically. */
  static void write(RunReport report, String file) throws IOException {
    MetricSnapshots metrics = new MetricsFile(report).metrics.build();
    OutputFile.replace(
        Path.of(file), out -> new OpenMetricsTextFormatWriter(false, false).write(out, metrics));
  }

  private void add(String name, String help, double value) {
    add(name, help, List.of(new GaugeDataPointSnapshot(value, table, null)));
  }

  private void addOffsets(Offsets next) {
    List<GaugeDataPointSnapshot> points = new ArrayList<>();
    next.next()
        .forEach(
            (partition, offset) ->
                points.add(
                    new GaugeDataPointSnapshot(
                        offset.doubleValue(),
                        table
                            .add("topic", partition.topic())
                            .add("partition", Integer.toString(partition.number())),
                        null)));
    if (!points.isEmpty()) {
      add("offsets_next", "Offset at which the next run begins to read.", points);
    }
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
