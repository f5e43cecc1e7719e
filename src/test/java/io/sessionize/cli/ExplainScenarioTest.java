package io.sessionize.cli;

import static io.sessionize.testing.TestClick.at;
import static io.sessionize.testing.TestClick.click;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sessionize.audit.Explainer;
import io.sessionize.audit.Explanation;
import io.sessionize.session.Rules;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.TestSpark;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Given sessions that end for every reason, explain says why, and which run read each event. */
@TestInstance(Lifecycle.PER_CLASS)
class ExplainScenarioTest {
  private final Scenario scenario =
      new Scenario(1)
          .rules(new Rules(Duration.ofMinutes(30), Duration.ofHours(1), null, List.of("logout")));

  @BeforeAll
  void twoRunsAndABackfill() {
    scenario.send(
        click("ann", "08:00").id("a1"),
        click("ann", "08:20").id("a2").page("search"),
        click("ann", "09:05").id("a3"),
        click("ann", "09:30").id("a4"),
        click("ann", "09:55").id("a5"),
        click("ann", "10:10").id("a6"),
        click("ann", "10:15").id("a7").page("logout"),
        click("ann", "10:20").id("a8"));
    scenario.runAt("10:25");
    scenario.send(
        click("ann", "08:10").id("late"),
        click("ann", "08:10").id("late"),
        click("ann", "12:10").id("a9\u001b[31m"),
        click("eve", "12:10"));
    scenario
        .topic()
        .sendRejected("malformed", 0, "ann", "{\"uuid\": \"ann\", ".getBytes(UTF_8), at("11:00"));
    scenario.topic().sendRejected("missing_time", 0, null, "{\"uuid\":\"ann\"}".getBytes(UTF_8), 0);
    scenario.topic().sendRejected("missing_uuid", 0, "bob", "{\"a\":\"ann\"}".getBytes(UTF_8), 0);
    scenario.runAt("12:15");
  }

  @Test
  void eachCutHasItsReasonAndEachEventItsRun() {
    List<String> lines = lines(explain("ann", null, null, 1000));
    assertEquals(
        List.of(
            "user       ann",
            "rules      a new session begins after a pause of more than 30 min, or beyond 1 h; pages that end one: logout",
            "watermark  2026-03-02T12:00:00Z",
            "found      5 sessions with 10 events, 2 rejected records",
            "",
            "session    ann_session_" + at("08:00"),
            "           closed, 3 events in 20 min; added by run 1, changed by run 2",
            "time (UTC)                    pause  page             event id                             run",
            "2026-03-02 08:00:00.000              home             a1                                   1",
            "2026-03-02 08:10:00.000      10 min  home             late                                 2 late",
            "2026-03-02 08:20:00.000      10 min  search           a2                                   1",
            "-- cut by inactivity: a pause of 45 min, and the timeout is 30 min",
            "",
            "session    ann_session_" + at("09:05"),
            "           closed, 3 events in 50 min; added by run 2",
            "time (UTC)                    pause  page             event id                             run",
            "2026-03-02 09:05:00.000      45 min  home             a3                                   1",
            "2026-03-02 09:30:00.000      25 min  home             a4                                   1",
            "2026-03-02 09:55:00.000      25 min  home             a5                                   1",
            "-- cut by max_duration: with the next event it would last 1 h 5 min, and the maximum is 1 h",
            "",
            "session    ann_session_" + at("10:10"),
            "           closed, 2 events in 5 min; added by run 2",
            "time (UTC)                    pause  page             event id                             run",
            "2026-03-02 10:10:00.000      15 min  home             a6                                   1",
            "2026-03-02 10:15:00.000       5 min  logout           a7                                   1",
            "-- cut by boundary: page logout ends a session (--end-session-on-page)",
            "",
            "session    ann_session_" + at("10:20"),
            "           closed, 1 events in 0 s; added by run 2",
            "time (UTC)                    pause  page             event id                             run",
            "2026-03-02 10:20:00.000       5 min  home             a8                                   1",
            "-- cut by inactivity: a pause of 1 h 50 min, and the timeout is 30 min",
            "",
            "session    ann_session_" + at("12:10"),
            "           open, 1 events in 0 s",
            "time (UTC)                    pause  page             event id                             run",
            "2026-03-02 12:10:00.000  1 h 50 min  home             a9\\u001b[31m                         2",
            "-- open: it closes when the watermark is later than 2026-03-02T12:40:00Z",
            "",
            "rejected records",
            "2026-03-02 12:15:00  run 2    malformed      " + scenario.topic().name() + ":0:12"),
        lines.subList(0, 42));
    String rest = String.join("\n", lines.subList(42, lines.size()));
    assertTrue(rest.contains("run 2    missing_time   " + scenario.topic().name() + ":0:13"), rest);
    assertTrue(
        rest.matches("(?s).*\n1    \\S+ \\S+ run +0, 0\n.*\n2    \\S+ \\S+ run +1, 2\n.*"), rest);
    assertTrue(lines.stream().skip(2).allMatch(line -> line.length() <= 100), lines.toString());
  }

  @Test
  void theNewestEventsAreShownUpToTheLimit() {
    Explanation newest = explain("ann", null, null, 4);
    assertEquals(4, newest.shownEvents());
    List<String> lines = lines(newest);
    assertTrue(
        lines.contains(
            "limit      6 earlier events are not shown: give --to-date or a higher --limit"),
        lines.toString());
    assertEquals(
        List.of("a6", "a7", "a8", "a9\u001b[31m"),
        newest.sessions().stream()
            .flatMap(session -> session.events().stream())
            .map(Explanation.UserEvent::id)
            .toList());
    Explanation one =
        explain("ann", LocalDate.parse("2026-03-02"), LocalDate.parse("2026-03-02"), 1);
    assertEquals(10, one.eventCount());
    assertEquals(1, one.shownEvents());
    assertTrue(explain("ann", LocalDate.parse("2026-03-03"), null, 9).sessions().isEmpty());
    assertTrue(explain("x' OR '1'='1", null, null, 9).isEmpty());
  }

  @Test
  void jsonHasTheSameWithTheRuns() throws Exception {
    JsonNode all = new ObjectMapper().readTree(ExplainJson.of(explain("ann", null, null, 1000)));
    assertEquals(5, all.get("sessions").size());
    JsonNode late = all.at("/sessions/0/events/1");
    assertEquals("late", late.get("event_id").asText());
    assertEquals(600_000, late.get("pause_ms").asLong());
    assertTrue(late.get("late").asBoolean());
    assertEquals(2, late.get("run").asInt());
    assertEquals(1, all.at("/runs/1/copies_of_all_users").asInt());
    assertEquals("max_duration", all.at("/sessions/1/cut/reason").asText());
    assertEquals("logout", all.at("/sessions/2/cut/page").asText());
    assertEquals("malformed", all.at("/rejected/0/reason").asText());
    assertTrue(all.at("/runs/1/offsets").asText().contains(":0:[8,15)"), all.toString());
  }

  @Test
  void asRowsItHasTheEventsWithTheCutAfterTheLast() {
    List<Row> rows =
        ExplainRows.of(TestSpark.session(), explain("ann", null, null, 1000)).collectAsList();
    assertEquals(10, rows.size());
    assertEquals(
        List.of("a1", "late", "a2"),
        rows.stream().limit(3).map(row -> row.<String>getAs("event_id")).toList());
    assertEquals(600_000L, rows.get(1).<Long>getAs("pause_ms"));
    assertEquals(true, rows.get(1).getAs("late"));
    assertEquals(
        Arrays.asList(null, null, "inactivity"),
        rows.stream().limit(3).map(row -> row.<String>getAs("cut")).toList());
  }

  private Explanation explain(String user, LocalDate from, LocalDate to, int limit) {
    return new Explainer(TestSpark.session(), scenario.tables()).explain(user, from, to, limit);
  }

  private static List<String> lines(Explanation explanation) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    new ExplainPrinter(new PrintStream(text, true, UTF_8), explanation).print();
    return text.toString(UTF_8).lines().toList();
  }
}
