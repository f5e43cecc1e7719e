package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sessionize.audit.ColumnFilling;
import io.sessionize.audit.RecentBatches;
import io.sessionize.audit.Status;
import io.sessionize.audit.Status.Limits;
import io.sessionize.audit.Status.PartitionLag;
import io.sessionize.session.Partition;
import io.sessionize.summary.TableNames;
import io.sessionize.testing.TestSpark;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/** The status of tables of several topics. */
class StatusCommandTest {
  private static final TableNames NAMES = new TableNames("local", "sessions", "user_sessions");
  private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

  private static final RecentBatches RECENT =
      new RecentBatches(seconds(2), seconds(5), seconds(1.5), seconds(900), Optional.of(4.0));

  private final Dataset<Row> runs =
      TestSpark.session()
          .sql(
              "SELECT timestamp'2026-11-22' AS at, 'run' AS what, 1L AS added, 0L AS changed,"
                  + " 0L AS removed, 0L AS late, 0L AS rejected, 1.5 AS seconds");

  @Test
  void theLagOfEachTopicIsShown() {
    String text = text(status(Set.of("app", "web")));
    assertTrue(text.contains("topic      app, web\n"), text);
    assertTrue(text.contains("lag        app unknown, web 12\n"), text);
    for (String line :
        List.of(
            "batch      2.0 s, longest in the hour before the last commit 5.0 s",
            "latency    1.5 s from the oldest record of the batch to its commit, greatest in that hour 15 min",
            "backlog    takes 3.0 s at this speed")) {
      assertTrue(text.contains(line + "\n"), text);
    }
    assertTrue(text.contains("HEALTHY: 12 offsets wait for the next run"), text);
  }

  @Test
  void theJsonOfOneTopicHasItsNameAlone() throws Exception {
    JsonNode one = json(status(Set.of("web")));
    assertEquals("web", one.get("topic").asText());
    assertEquals(false, one.has("topics"));
    JsonNode two = json(status(Set.of("app", "web")));
    assertEquals("app,web", two.get("topic").asText());
    assertEquals(
        "[{\"topic\":\"app\",\"lag\":null},{\"topic\":\"web\",\"lag\":12}]",
        two.get("topics").toString());
    assertEquals(12, two.get("lag").asLong());
    assertEquals(2.0, two.get("batch_seconds").asDouble());
    assertEquals(900.0, two.get("latency_max_seconds").asDouble());
    assertEquals(3.0, two.get("backlog_seconds").asDouble());
  }

  private static Optional<Duration> seconds(double seconds) {
    return Optional.of(Duration.ofMillis((long) (seconds * 1000)));
  }

  private String text(Status status) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    StatusCommand.print(NAMES, status, NOW, RECENT, runs, new PrintStream(out, true));
    return out.toString(StandardCharsets.UTF_8);
  }

  private JsonNode json(Status status) throws Exception {
    return new ObjectMapper().readTree(StatusCommand.json(NAMES, status, NOW, RECENT, runs));
  }

  @Test
  void howFarSessionColumnsAreFilledIsShown() throws Exception {
    ColumnFilling half = new ColumnFilling(2, false, LocalDate.parse("2026-03-01"));
    assertEquals(
        "{\"number\":2,\"complete\":false,\"through\":\"2026-03-01\"}",
        json(status(Set.of("web"), half)).get("session_columns").toString());
    assertEquals(
        "{\"number\":2,\"complete\":true,\"through\":null}",
        json(status(Set.of("web"), new ColumnFilling(2, true, null)))
            .get("session_columns")
            .toString());
    assertEquals(false, json(status(Set.of("web"))).has("session_columns"));
    String text = text(status(Set.of("web"), half));
    assertTrue(
        text.contains(
            "columns    filled for sessions that start up to 2026-03-01, and for open ones:"
                + " recompute --columns-only fills the others\n"),
        text);
    assertFalse(text(status(Set.of("web"))).contains("columns    "));
  }

  private static Status status(Set<String> topics) {
    return status(topics, null);
  }

  private static Status status(Set<String> topics, ColumnFilling columns) {
    return new Status(
        new TreeSet<>(topics),
        List.of(
            new PartitionLag(new Partition("app", 0), 3, null, null, null),
            new PartitionLag(new Partition("web", 0), 10, 0L, 15L, 5L),
            new PartitionLag(new Partition("web", 1), 10, 0L, 17L, 7L)),
        12L,
        0L,
        null,
        null,
        NOW,
        false,
        4,
        0,
        0,
        columns,
        null,
        false,
        false,
        NOW,
        Limits.NONE);
  }
}
