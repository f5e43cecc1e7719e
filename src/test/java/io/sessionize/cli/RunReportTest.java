package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import io.sessionize.Failure;
import io.sessionize.job.BatchReport;
import io.sessionize.job.BatchReport.Read;
import io.sessionize.job.BatchReport.Sessions;
import io.sessionize.job.BatchReport.Time;
import io.sessionize.job.Lateness;
import io.sessionize.job.RecordCounts;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Watermark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The report of a run follows the published schema. */
class RunReportTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Instant STARTED = Instant.parse("2026-03-02T10:00:00Z");

  @TempDir Path folder;

  static BatchReport batch() {
    return new BatchReport(
        new Read(
            Offsets.of("web", Map.of(0, 100L, 1, 50L)),
            Offsets.of("web", Map.of(0, 110L, 1, 52L)),
            new OffsetRange(Offsets.of("web", Map.of(1, 50L)), Offsets.of("web", Map.of(1, 51L))),
            new RecordCounts(11, 14, 3, 5, 1, RecordCounts.NO_TIME),
            8,
            2,
            1,
            new Lateness(7, 2, 1, 0),
            Map.of("malformed", 1L)),
        new Sessions(3, 2, 1, 6, 4, 5),
        new Watermark(STARTED.toEpochMilli(), Map.of(), Watermark.NONE, Watermark.NONE),
        Optional.of("/data/checkpoint.set-aside-1"),
        1,
        new Time(2_000, Map.of("read", 500L, "restate", 1_500L)));
  }

  /** Of a run on an empty topic: nothing is lost, nothing set aside, no event has come yet. */
  private static BatchReport nothing() {
    Offsets at = Offsets.of("web", Map.of(0, 0L));
    return new BatchReport(
        new Read(
            at,
            at,
            OffsetRange.NONE,
            RecordCounts.NONE,
            0,
            0,
            0,
            new Lateness(0, 0, 0, 0),
            Map.of()),
        new Sessions(0, 0, 0, 0, 0, 0),
        Watermark.START,
        Optional.empty(),
        0,
        new Time(0, Map.of()));
  }

  @Test
  void aReportThatCannotBeWrittenIsNoWrongUsage() throws IOException {
    Path metrics = folder.resolve("metrics");
    Arguments arguments =
        Arguments.parse(
            new RunCommand(),
            List.of("--report", "/dev/full", "--metrics-file", metrics.toString()),
            name -> null);
    Failure failure = report().tryWrite(arguments).orElseThrow();
    assertEquals(Failure.Kind.OTHER, failure.kind());
    assertEquals(
        "The run is complete, but /dev/full (No space left on device) cannot be written: free space"
            + " there, or give another file. Nothing has to be repeated.",
        failure.getMessage());
    // The other file is written
    assertTrue(Files.readString(metrics).endsWith("# EOF\n"));
    // And a device is not replaced by a file
    assertFalse(Files.isRegularFile(Path.of("/dev/full")));
  }

  private static RunReport report() {
    return report(batch());
  }

  private static RunReport report(BatchReport did) {
    return new RunReport(
        "run",
        "sessions.user_sessions",
        STARTED,
        STARTED.plusMillis(7_250),
        did,
        1L << 30,
        Optional.empty(),
        Optional.of(new RunReport.Published("run-1", 6871824838120079656L)));
  }

  private JsonNode written(RunReport report) throws IOException {
    Path file = folder.resolve("report.json");
    report.writeJson(file.toString());
    return JSON.readTree(file.toFile());
  }

  private static Set<?> violations(JsonNode report) throws IOException {
    JsonSchema schema =
        JsonSchemaFactory.getInstance(VersionFlag.V202012)
            .getSchema(Files.readString(Path.of("docs/report.schema.json")));
    return schema.validate(report);
  }

  @Test
  void aReportFollowsItsSchema() throws Exception {
    JsonNode report = written(report());
    assertEquals(Set.of(), violations(report));
    assertEquals(7.25, report.get("seconds").asDouble());
    assertEquals("run-1", report.get("run").asText());
    assertEquals("6871824838120079656", report.get("snapshot").asText());
    assertEquals("/data/checkpoint.set-aside-1", report.get("checkpoint_set_aside").asText());
    assertEquals(
        "{\"other\":5.25,\"read\":0.5,\"restate\":1.5}",
        JSON.writeValueAsString(JSON.convertValue(report.get("seconds_by_step"), TreeMap.class)));
    assertEquals(
        report.get("offsets").asLong(),
        report.get("records").asLong()
            + report.get("offsets_empty").asLong()
            + report.get("offsets_lost").asLong());
  }

  @Test
  void aCheckAddsItsViolationsAndItsTime() throws Exception {
    JsonNode without = written(report());
    assertFalse(without.has("violations"));
    RunReport checked = report().with(new RunReport.Checked(3, 250));
    JsonNode report = written(checked);
    assertEquals(Set.of(), violations(report));
    assertEquals(3, report.get("violations").asLong());
    assertEquals(0.25, report.get("seconds_by_step").get("check").asDouble());
    Path file = folder.resolve("sessionize.prom");
    MetricsFile.write(checked, file.toString());
    assertTrue(Files.readString(file).contains("sessionize_run_violations"));
  }

  @Test
  void offsetsStandByTopicAndPartition() throws Exception {
    JsonNode report = written(report());
    assertEquals("{\"web\":{\"0\":100,\"1\":50}}", report.get("offsets_from").toString());
    assertEquals("{\"web\":{\"0\":110,\"1\":52}}", report.get("offsets_next").toString());
    assertEquals("{\"web\":{\"1\":50}}", report.get("lost_from").toString());
    assertEquals("{\"web\":{\"1\":51}}", report.get("lost_to").toString());
    assertEquals(1, report.get("offsets_lost").asLong());
  }

  @Test
  void whatBecameOfRowsOfTheSessionsTableIsCountedApart() throws Exception {
    JsonNode report = written(report());
    assertEquals(2, report.get("sessions_added").asLong());
    assertEquals(1, report.get("sessions_changed").asLong());
    assertEquals(6, report.get("sessions_removed").asLong());
    assertEquals(STARTED.toString(), report.get("watermark").asText());
  }

  @Test
  void aBackfillReportsNoLateness() throws Exception {
    BatchReport did = batch();
    Read read = did.read();
    Read old =
        new Read(
            read.from(),
            read.next(),
            read.lost(),
            read.decoded(),
            read.events(),
            read.duplicates(),
            read.conflictingCopies(),
            null,
            read.rejected());
    BatchReport backfilled =
        new BatchReport(
            old, did.sessions(), did.watermark(), did.checkpointSetAside(), 1, did.time());
    assertNull(backfilled.then(backfilled).read().lateness());
    RunReport report = report(backfilled);
    ObjectNode json = (ObjectNode) written(report);
    assertFalse(json.has("late") || json.has("on_time") || json.has("late_under_1_hour"));
    assertNotEquals(Set.of(), violations(json));
    assertEquals(Set.of(), violations(json.put("command", "backfill")));
  }

  @Test
  void whatThereIsNotIsAbsent() throws Exception {
    JsonNode report = written(report(nothing()));
    assertEquals(Set.of(), violations(report));
    for (String key : List.of("lost_from", "lost_to", "checkpoint_set_aside", "watermark")) {
      assertFalse(report.has(key), key);
    }
    Path file = folder.resolve("sessionize.prom");
    MetricsFile.write(report(nothing()), file.toString());
    assertFalse(Files.readString(file).contains("sessionize_watermark"));
  }

  @Test
  void theSchemaRefusesOffsetsThatAreNotNestedByTopic() throws Exception {
    JsonNode report = written(report());
    for (String key : List.of("offsets_from", "offsets_next", "lost_from", "lost_to")) {
      ObjectNode flat = report.deepCopy();
      flat.putObject(key).put("0", 100);
      assertEquals(1, violations(flat).size(), key);
    }
  }

  @Test
  void theSchemaRefusesUnknownAndMissingFields() throws Exception {
    JsonNode report = written(report());
    ((ObjectNode) report).put("surprise", 1).remove("late");
    assertEquals(2, violations(report).size());
  }

  @Test
  void everyCountIsDescribed() {
    batch().counts().keySet().forEach(count -> assertTrue(MetricHelp.has(count), count));
  }

  @Test
  void everyMetricOfTheAlertsIsWritten() throws Exception {
    Path file = folder.resolve("sessionize.prom");
    MetricsFile.write(report().with(new RunReport.Checked(0, 1)), file.toString());
    Path lag = folder.resolve("lag.prom");
    Instant now = Instant.now();
    StatusMetrics.write(
        "sessions.user_sessions",
        StatusMetricsTest.status(7L, null),
        now,
        StatusMetricsTest.RECENT,
        lag.toString());
    Path loop = folder.resolve("loop.prom");
    Gauges gauges = new Gauges("sessions.user_sessions", "run");
    LoopMetrics.add(LoopMetricsTest.NEW, now, gauges);
    gauges.write(loop.toString());
    String written = Files.readString(file) + Files.readString(lag) + Files.readString(loop);
    String alerts = Files.readString(Path.of("k8s/components/metrics/alerts.yaml"));
    Matcher metric = Pattern.compile("sessionize_\\w+").matcher(alerts);
    int named = 0;
    for (; metric.find(); named++) {
      assertTrue(written.contains("\n" + metric.group() + "{"), metric.group());
    }
    assertTrue(named >= 10, "The alerts name " + named + " metrics");
  }

  @Test
  void metricsAreGaugesWithTheTablesName() throws Exception {
    Path file = folder.resolve("sessionize.prom");
    MetricsFile.write(report(), file.toString());
    List<String> lines = Files.readAllLines(file);
    String table = "table=\"sessions.user_sessions\"";
    for (String line :
        List.of(
            "# TYPE sessionize_run_events gauge",
            "sessionize_run_events{command=\"run\"," + table + "} 8.0",
            "sessionize_offsets_next{command=\"run\",partition=\"1\","
                + table
                + ",topic=\"web\"} 52.0",
            "sessionize_run_sessions_removed{command=\"run\"," + table + "} 6.0",
            "sessionize_run_step_seconds{command=\"run\",step=\"read\"," + table + "} 0.5",
            "sessionize_run_rejected_by_reason{command=\"run\",reason=\"malformed\","
                + table
                + "} 1.0",
            "sessionize_watermark_timestamp_seconds{command=\"run\"," + table + "} 1.7724456E9")) {
      assertTrue(lines.contains(line), () -> line + " is not in " + lines);
    }
    assertEquals("# EOF", lines.get(lines.size() - 1));
  }
}
