package io.sessionize.cli;

import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.sessionize.session.Partition;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Writes numbers as OpenMetrics text, for the textfile collector of Prometheus. All metrics are
 * gauges: the next file replaces them.
 */
final class Gauges {
  private static final String PREFIX = "sessionize_";
  private static final double MILLISECONDS = 1e3;

  private final Labels common;
  private final MetricSnapshots.Builder metrics = MetricSnapshots.builder();

  /** The metrics of one command on one table. */
  Gauges(String table, String command) {
    common = Labels.of("table", table, "command", command);
  }

  void add(String name, String help, double value) {
    add(name, help, List.of(new GaugeDataPointSnapshot(value, common, null)));
  }

  /** Adds a time, in seconds since 1970. */
  void add(String name, String help, Instant time) {
    add(name, help, time.toEpochMilli() / MILLISECONDS);
  }

  /** Adds a number for each value of a label; nothing, if there is none. */
  void addEach(String name, String help, String label, Map<?, ? extends Number> values) {
    List<GaugeDataPointSnapshot> points = new ArrayList<>();
    values.forEach(
        (key, value) ->
            points.add(
                new GaugeDataPointSnapshot(
                    value.doubleValue(), common.add(label, key.toString()), null)));
    add(name, help, points);
  }

  /** Adds a number for each topic partition; nothing, if there is none. */
  void addPartitions(String name, String help, Map<Partition, Long> values) {
    List<GaugeDataPointSnapshot> points = new ArrayList<>();
    values.forEach(
        (partition, value) ->
            points.add(
                new GaugeDataPointSnapshot(
                    value.doubleValue(),
                    common
                        .add("topic", partition.topic())
                        .add("partition", Integer.toString(partition.number())),
                    null)));
    add(name, help, points);
  }

  private void add(String name, String help, List<GaugeDataPointSnapshot> points) {
    if (!points.isEmpty()) {
      GaugeSnapshot.Builder gauge = GaugeSnapshot.builder().name(PREFIX + name).help(help);
      points.forEach(gauge::dataPoint);
      metrics.metricSnapshot(gauge.build());
    }
  }

  /** Writes the file atomically. */
  void write(String file) throws IOException {
    MetricSnapshots all = metrics.build();
    OutputFile.replace(
        Path.of(file), out -> new OpenMetricsTextFormatWriter(false, false).write(out, all));
  }
}
