package io.sessionize.audit;

import static io.sessionize.testing.TestClick.at;
import static io.sessionize.testing.TestClick.click;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.history.Commit;
import io.sessionize.history.History;
import io.sessionize.session.Rules;
import io.sessionize.summary.TableNames;
import io.sessionize.table.Sql;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.TestClick;
import io.sessionize.testing.TestSpark;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Given a day with every kind of change of a session, the audits report the cause of each. */
@TestInstance(Lifecycle.PER_CLASS)
class AuditScenarioTest {
  private final Scenario scenario = new Scenario(2);
  private History history;

  @BeforeAll
  void aDay() {
    scenario.send(
        click("ann", "08:00").id("a1"),
        click("ann", "08:20").id("a2"),
        click("bob", "08:00").id("b1"),
        click("bob", "08:10").id("b2"),
        click("bob", "08:55").id("b3"),
        click("cid", "08:00").id("c1").on(1),
        click("dan", "08:00").id("d1"),
        click("eve", "08:00").id("e1"));
    scenario.send(click("clock", "12:00"), click("clock", "12:00").on(1));
    scenario.runAt("12:01");

    // Late: within, between (two become one), before (another id), and a separate session
    scenario.send(
        click("ann", "08:10").id("late-a").on(1),
        click("bob", "08:35").id("late-b"),
        click("cid", "07:50").id("late-c"),
        click("gus", "08:00").id("late-g"));
    scenario.topic().sendRejected("malformed", 1, "key", "not json".getBytes(UTF_8), at("10:10"));
    scenario.send(click("fay", "12:05"), click("clock", "13:00"), click("clock", "13:00").on(1));
    scenario.runAt("13:01");

    scenario.byHand("UPDATE ${sessions} SET event_count = 7 WHERE uuid = 'dan'");
    TestSpark.session()
        .sql(
            String.format(
                "CALL local.system.rewrite_data_files(table => '%s.%s', options =>"
                    + " map('rewrite-all', 'true'))",
                scenario.names().database(), scenario.names().table()));
    scenario.byHand("DELETE FROM ${sessions} WHERE uuid = 'eve'");
    scenario.backfill(scenario.everything(), true);
    history = new History(scenario.tables());
  }

  @Test
  void onlyAPointOfTimeCanBeBeforeTheCreation() {
    Commit first = history.commits().get(0);
    Instant now = Instant.now();
    assertTrue(history.isBeforeCreation("yesterday", now));
    assertTrue(history.isBeforeCreation(first.at().minusMillis(1).toString(), now));
    assertFalse(history.isBeforeCreation(first.at().toString(), now));
    assertFalse(history.isBeforeCreation(Long.toString(first.id()), now));
    assertFalse(history.isBeforeCreation(History.NOW, now));
  }

  @Test
  void logHasOneLinePerRunAndPerExternalCommit() {
    List<Row> lines = RunLog.of(TestSpark.session(), history).collectAsList();
    assertEquals(
        List.of(
            "backfill 0:[0,13) 1:[0,5) 12:50 +1 ~1 -0 late null rejected 1",
            "external commit (overwrite)",
            "compaction",
            "external commit (overwrite)",
            "run 0:[8,13) 1:[2,5) 12:50 +4 ~2 -2 late 4 rejected 1",
            "run 0:[0,8) 1:[0,2) 11:50 +6 ~0 -0 late 0 rejected 0",
            "tables made"),
        lines.stream().map(AuditScenarioTest::line).toList());
    assertTrue(lines.get(4).getDouble(9) > 0);
    List<Long> snapshots = new ArrayList<>(history.commits().stream().map(Commit::id).toList());
    Collections.reverse(snapshots);
    assertEquals(snapshots, lines.stream().map(row -> row.getLong(10)).toList());
  }

  private static String withoutTopic(String offsets) {
    return offsets.replaceAll("[\\w-]+:(?=\\d+:\\[)", "");
  }

  private static String offsetsOf(Row row) {
    String offsets = row.getAs("offsets");
    return offsets == null ? null : withoutTopic(offsets);
  }

  private static String line(Row row) {
    if (row.isNullAt(11)) {
      return row.getString(1);
    }
    return String.format(
        "%s %s %s +%d ~%d -%d late %d rejected %d",
        row.getString(1),
        withoutTopic(row.getString(2)),
        row.isNullAt(3) ? null : TestClick.text(row.getTimestamp(3).getTime()),
        row.getLong(4),
        row.getLong(5),
        row.getLong(6),
        row.<Long>getAs("late"),
        row.getLong(8));
  }

  @Test
  void diffListsChangedSessionsWithColumnsAndCause() {
    Commit from = history.commits().get(1);
    Commit to = history.at(History.NOW, Instant.now());
    try (Diff diff = new Diff(TestSpark.session(), scenario.tables(), history, from, to)) {
      assertEquals(new Diff.Counts(4, 2, 2, 2), diff.counts());
      List<Row> rows = diff.rows().collectAsList();
      assertEquals(
          List.of(
              "added cid 07:50 {} [cid 08:00] late event",
              "changed ann 08:00 {event_count 2>3, events []>[\"late-a\"]} [] late event",
              "changed bob 08:00 {event_count 2>4, events []>[\"late-b\",\"b3\"],"
                  + " session_duration_seconds 600>3300,"
                  + " session_end 2026-03-02 08:10:00>2026-03-02 08:55:00,"
                  + " session_end_time_ms 1772439000000>1772441700000} [bob 08:55] late event",
              "removed cid 08:00 {} [cid 07:50] late event",
              "added gus 08:00 {} [] late event",
              "removed bob 08:55 {} [bob 08:00] late event",
              "added clock 12:00 {} [] closed",
              "added fay 12:05 {} [] closed"),
          rows.stream().map(AuditScenarioTest::text).toList());
      // The sessions of dan and eve did not change
      rows.forEach(
          row -> {
            assertEquals("run", row.getAs("command"));
            String topic = scenario.topic().name();
            assertEquals(topic + ":0:[8,13) " + topic + ":1:[2,5)", row.getAs("offsets"));
            assertEquals(history.commits().get(2).id(), row.<Long>getAs("snapshot"));
          });
    }
  }

  @Test
  void lastCauseOfASessionIsFoundAcrossCompaction() {
    Map<String, String> found = new TreeMap<>();
    try (Diff diff =
        new Diff(
            TestSpark.session(),
            scenario.tables(),
            history,
            history.commits().get(0),
            history.commits().get(6))) {
      diff.rows()
          .collectAsList()
          .forEach(row -> found.put(name(row.getAs("session_id")), row.getAs("cause")));
    }
    assertEquals(
        Map.of(
            "ann 08:00", "late event",
            "bob 08:00", "late event",
            "cid 07:50", "late event",
            "dan 08:00", "backfill",
            "eve 08:00", "backfill",
            "gus 08:00", "late event",
            "clock 12:00", "closed",
            "fay 12:05", "closed"),
        found);
    try (Diff none =
        new Diff(
            TestSpark.session(),
            scenario.tables(),
            history,
            history.commits().get(3),
            history.commits().get(4))) {
      assertEquals(new Diff.Counts(0, 0, 0, 0), none.counts());
    }
  }

  private static String text(Row row) {
    Map<String, String> columns = new TreeMap<>();
    if (row.getAs("columns") != null) {
      row.<String, Row>getJavaMap(row.fieldIndex("columns"))
          .forEach((name, value) -> columns.put(name, value.getString(0) + ">" + value.get(1)));
    }
    List<String> paired =
        row.getAs("paired") == null ? List.of() : row.getList(row.fieldIndex("paired"));
    return String.format(
        "%s %s {%s} %s %s",
        row.getAs("change"),
        name(row.getAs("session_id")),
        columns.entrySet().stream()
            .map(column -> column.getKey() + " " + column.getValue())
            .collect(Collectors.joining(", ")),
        paired.stream().map(AuditScenarioTest::name).toList(),
        row.getAs("cause"));
  }

  private static String name(String id) {
    String[] parts = id.split("_session_");
    return parts[0] + " " + TestClick.text(Long.parseLong(parts[1]));
  }

  @Test
  void historyOfASessionListsEachCommitThatChangedIt() {
    assertEquals(
        List.of(
            "added 1 {} [] closed run 0:[0,8) 1:[0,2)",
            "changed 7 {event_count 1>7} [] external commit external commit (overwrite) null",
            "changed 1 {event_count 7>1} [] backfill backfill 0:[0,13) 1:[0,5)"),
        historyOf("dan", "08:00"));
    assertEquals(
        List.of(
            "added 1 {} [] closed run 0:[0,8) 1:[0,2)",
            "removed 1 {} [bob 08:00] late event run 0:[8,13) 1:[2,5)"),
        historyOf("bob", "08:55"));
    assertEquals(List.of("open now 2 {} [] null null null"), historyOf("clock", "13:00"));
    for (String id : List.of("x' OR '1'='1_session_" + at("08:00"), "nobody_session_1")) {
      Failure failure =
          assertThrows(
              Failure.class,
              () -> new SessionHistory(TestSpark.session(), scenario.tables(), history, id));
      assertEquals(Failure.Kind.USAGE, failure.kind());
      String message = failure.getMessage();
      assertTrue(message.startsWith("There is no session '" + id), message);
    }
  }

  @Test
  void historyPairsSessionsOfSeveralDaysBySharedEvents() {
    // Given a session that a late event joined to a session that began two days earlier
    Scenario ofDays =
        new Scenario(1)
            .rules(new Rules(Duration.ofHours(40), Duration.ofDays(10), null, List.of()));
    ofDays.send(
        click("ann", "2026-03-01T00:00"),
        click("ann", "2026-03-03T00:00"),
        click("clock", "2026-03-07T00:00"));
    ofDays.runAt("2026-03-07T00:01");
    ofDays.send(click("ann", "2026-03-02T00:00"), click("clock", "2026-03-07T01:00"));
    ofDays.runAt("2026-03-07T01:01");
    // When its history is read; then it names the session that holds its events now
    try (SessionHistory of =
        new SessionHistory(
            TestSpark.session(),
            ofDays.tables(),
            new History(ofDays.tables()),
            "ann_session_" + at("2026-03-03T00:00"))) {
      Row last = of.rows().collectAsList().get(1);
      assertEquals("removed", last.getAs("change"));
      assertEquals(
          List.of("ann_session_" + at("2026-03-01T00:00")),
          last.getList(last.fieldIndex("paired")));
    }
  }

  private List<String> historyOf(String user, String start) {
    String id = user + "_session_" + at(start);
    try (SessionHistory of =
        new SessionHistory(TestSpark.session(), scenario.tables(), history, id)) {
      return of.rows().collectAsList().stream()
          .map(
              row -> {
                Map<String, String> columns = new TreeMap<>();
                if (row.getAs("columns") != null) {
                  row.<String, Row>getJavaMap(row.fieldIndex("columns"))
                      .forEach(
                          (name, value) ->
                              columns.put(name + " " + value.get(0), "" + value.get(1)));
                }
                List<String> paired =
                    row.getAs("paired") == null ? List.of() : row.getList(row.fieldIndex("paired"));
                return String.format(
                    "%s %d %s %s %s %s %s",
                    row.getAs("change"),
                    row.<Long>getAs("event_count"),
                    columns.toString().replace("=", ">"),
                    paired.stream().map(AuditScenarioTest::name).toList(),
                    row.getAs("cause"),
                    row.getAs("command"),
                    offsetsOf(row));
              })
          .toList();
    }
  }

  @Test
  void sqlForOtherEnginesReturnsTheSameResults() {
    long first = history.commits().get(1).id();
    long last = history.commits().get(6).id();
    List<Row> runs = sql(Sql.named("audit/runs")).collectAsList();
    assertEquals(
        RunLog.of(TestSpark.session(), history)
            .selectExpr(
                "at", "snapshot", "coalesce(run, '')", "coalesce(added, 0)", "coalesce(late, 0)")
            .collectAsList(),
        sql(Sql.named("audit/runs"))
            .selectExpr(
                "at", "snapshot", "coalesce(run, '')", "coalesce(added, 0)", "coalesce(late, 0)")
            .collectAsList());
    assertEquals("compaction", runs.get(2).getAs("what"));
    assertEquals("external commit (overwrite)", runs.get(1).getAs("what"));
    assertEquals(
        "{\"" + scenario.topic().name() + "\":{\"0\":8,\"1\":2}}",
        runs.get(4).getAs("offsets_from"));

    List<Row> late = sql(Sql.named("audit/late")).collectAsList();
    assertEquals(3, late.size());
    assertEquals(4L, late.get(0).<Long>getAs("late_under_1_day"));

    List<Row> rejected = sql(Sql.named("audit/rejected")).collectAsList();
    assertEquals(1, rejected.size());
    assertEquals("malformed", rejected.get(0).getAs("reason"));
    assertEquals(3L, rejected.get(0).<Long>getAs("first_offset"));

    assertEquals(
        6,
        sql(Sql.named("audit/sessions_of_a_day")
                .with("snapshot", Long.toString(first))
                .with("day", "2026-03-02"))
            .count());
    assertEquals(
        List.of(
            "changed ann 08:00",
            "changed bob 08:00",
            "removed bob 08:55",
            "added cid 07:50",
            "removed cid 08:00",
            "added clock 12:00",
            "added fay 12:05",
            "added gus 08:00"),
        sql(
                Sql.named("audit/changes")
                    .with("from_snapshot", Long.toString(first))
                    .with("to_snapshot", Long.toString(last))
                    .with("day", "2026-03-02"))
            .collectAsList()
            .stream()
            .map(row -> row.getString(0) + " " + name(row.getString(1)))
            .toList());
  }

  @Test
  void latenessSqlCountsOnlyRunsAndRejectedSqlShowsSamples() {
    // Two runs: 2 and 2 of the clock, 6 more, 1 of fay, and 4 late ones; not the backfill.
    Row lateness = sql(Sql.named("analytics/lateness")).head();
    assertEquals(2L, lateness.<Long>getAs("batches"));
    assertEquals(13L, lateness.<Long>getAs("on_time"));
    assertEquals(4L, lateness.<Long>getAs("late_under_1_day"));
    assertEquals(0L, lateness.<Long>getAs("beyond_horizon"));
    assertEquals(10L, lateness.<Long>getAs("sessions_added"));
    assertEquals(
        4L, lateness.<Long>getAs("sessions_changed") + lateness.<Long>getAs("sessions_removed"));

    List<Row> samples = sql(Sql.named("analytics/rejected_samples")).collectAsList();
    assertEquals(1, samples.size());
    assertEquals("malformed", samples.get(0).getAs("reason"));
    assertEquals("not json", samples.get(0).getAs("value"));
  }

  private Dataset<Row> sql(Sql statement) {
    TableNames names = scenario.names();
    return TestSpark.session().sql(statement.with(names).text());
  }
}
