package io.sessionize.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.audit.proof.PastRun;
import io.sessionize.audit.proof.Proof;
import io.sessionize.column.GivenColumns;
import io.sessionize.job.BatchReport;
import io.sessionize.job.ColumnRecompute;
import io.sessionize.job.CrashPoint;
import io.sessionize.summary.ColumnProgress;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.TestClick;
import io.sessionize.testing.TestSpark;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/**
 * Given days of sessions without a column, recompute --columns-only fills it, and changes no
 * session.
 */
class ColumnRecomputeScenarioTest {
  private static final LocalDate DAY = LocalDate.parse("2026-03-01");
  private static final String PAGES = "size(pages_visited)";

  private final Scenario scenario = new Scenario(1);
  private final Map<LocalDate, Long> filled = new TreeMap<>();
  private final Map<String, Long> changedColumns = new TreeMap<>();

  private final ColumnRecompute.Listener listener =
      new ColumnRecompute.Listener() {
        @Override
        public void left(int days) {}

        @Override
        public void filled(LocalDate day, long changed) {
          filled.put(day, changed);
        }

        @Override
        public void computed(SortedMap<String, Long> rows) {
          changedColumns.putAll(rows);
        }
      };

  private static GivenColumns columns(String... namesAndSql) {
    TreeMap<String, String> columns = new TreeMap<>();
    for (int i = 0; i < namesAndSql.length; i += 2) {
      columns.put(namesAndSql[i], namesAndSql[i + 1]);
    }
    return new GivenColumns(true, columns, null);
  }

  private static String at(int day, String time) {
    return DAY.plusDays(day) + "T" + time;
  }

  /** Three days, each with two users, and an open session of the fourth day. */
  private void threeDays() {
    for (int day = 0; day < 3; day++) {
      for (String user : List.of("ann", "bob")) {
        scenario.send(
            TestClick.click(user, at(day, "09:00")).page("home"),
            TestClick.click(user, at(day, "09:05")).page(user.equals("ann") ? "cart" : "home"));
      }
      scenario.runAt(at(day, "20:00"));
    }
    scenario.send(TestClick.click("eve", at(3, "09:00")).page("home"));
    scenario.runAt(at(3, "09:01"));
  }

  private BatchReport fill() {
    return fill(CrashPoint.Probe.NONE);
  }

  private BatchReport fill(CrashPoint.Probe probe) {
    filled.clear();
    return scenario.columnRecompute(listener, probe).execute();
  }

  private BatchReport whatIf() {
    filled.clear();
    return scenario.columnRecompute(listener, CrashPoint.Probe.NONE).whatIf();
  }

  private Map<LocalDate, Long> days(long first, long second, long third) {
    return new TreeMap<>(Map.of(DAY, first, DAY.plusDays(1), second, DAY.plusDays(2), third));
  }

  private ColumnProgress progress() {
    return scenario.tables().base().progress().columns();
  }

  /** The values of a column in the live view, by session. */
  private List<Object> values(String column) {
    List<Object> values = new ArrayList<>();
    for (Row row :
        TestSpark.session()
            .table(scenario.names().live())
            .orderBy("session_start", "uuid")
            .select(column)
            .collectAsList()) {
      values.add(row.get(0));
    }
    return values;
  }

  private void assertProven() {
    Proof proof = scenario.proof();
    for (PastRun run : proof.last(1)) {
      assertEquals(List.of(), proof.prove(run).differences(), run.work().toString());
    }
  }

  @Test
  void aNewColumnIsFilledDayByDay() {
    threeDays();
    Map<String, ?> before = scenario.live().byId();
    scenario.columns(columns("pages", PAGES));
    // When nothing is written
    Scenario.Snapshots snapshots = scenario.snapshots();
    BatchReport shown = whatIf();
    assertEquals(days(2, 2, 2), filled);
    assertEquals(Map.of("pages", 6L), changedColumns);
    assertEquals(6, shown.sessions().changed());
    assertEquals(snapshots, scenario.snapshots());
    assertEquals(0, scenario.tables().base().columns().number());

    // When the third day crashes
    int[] days = {0};
    assertThrows(
        UnsupportedOperationException.class,
        () ->
            fill(
                point -> {
                  if (point == CrashPoint.SESSIONS_PUBLISHED && ++days[0] == 3) {
                    throw new UnsupportedOperationException();
                  }
                }));
    assertEquals(new ColumnProgress(0, through(1, DAY.plusDays(1))), progress());

    // Then a run repairs the tables and keeps the progress
    scenario.send(TestClick.click("eve", at(3, "09:10")).page("cart"));
    scenario.send(TestClick.click("bob", at(0, "15:00")).page("late"));
    scenario.runAt(at(3, "09:11"));
    assertEquals(new ColumnProgress(0, through(1, DAY.plusDays(1))), progress());

    // And the next one fills what is left
    fill();
    assertEquals(Map.of(DAY.plusDays(2), 0L), filled);
    assertEquals(ColumnProgress.complete(1), progress());
    assertEquals(List.of(2, 1, 1, 2, 1, 2, 1, 2), values("pages"));
    assertProven();
    Map<String, ?> after = scenario.live().byId();
    before.forEach(
        (id, session) -> assertTrue(session.equals(after.get(id)) || id.startsWith("eve"), id));
    scenario.assertLiveEqualToOracle();

    // And then there is nothing to do
    Scenario.Snapshots done = scenario.snapshots();
    assertTrue(fill().isNothing());
    assertEquals(done, scenario.snapshots());
  }

  private static java.util.Optional<ColumnProgress.Through> through(int number, LocalDate day) {
    return java.util.Optional.of(new ColumnProgress.Through(number, day));
  }

  @Test
  void aChangedExpressionIsTakenIn() {
    scenario.columns(columns("pages", PAGES, "one", "1"));
    threeDays();
    assertEquals(ColumnProgress.complete(1), progress());
    // A row that was altered by hand stays as it is: check names it.
    scenario.byHand(
        "UPDATE ${sessions} SET event_count = 7 WHERE uuid = 'ann' AND session_start < '2026-03-02'");
    scenario.byHand("ALTER TABLE ${sessions} ADD COLUMN team STRING");
    scenario.byHand("UPDATE ${sessions} SET team = 'red' WHERE uuid = 'bob'");

    scenario.columns(
        columns(
            "pages",
            "IF(size(pages_visited) = 1, CAST(1 AS BIGINT), 20L)",
            "first",
            "pages_visited[0]"));
    whatIf();
    assertEquals(days(1, 2, 2), filled);
    assertEquals(Map.of("first", 5L, "pages", 2L), changedColumns);
    BatchReport done = fill();
    assertEquals(5, done.sessions().changed());
    assertEquals(days(1, 2, 2), filled);
    assertEquals(ColumnProgress.complete(2), progress());
    assertEquals(java.util.Arrays.asList(2L, 1L, 20L, 1L, 20L, 1L, 1L), values("pages"));
    assertEquals(
        java.util.Arrays.asList(null, "home", "home", "home", "home", "home", "home"),
        values("first"));
    assertEquals(
        3, TestSpark.session().table(scenario.names().sessions()).where("team = 'red'").count());
    // An expression that changes no value: only the progress is recorded
    scenario.columns(columns("pages", "CAST(IF(size(pages_visited) < 2, 1, 20) AS BIGINT)"));
    whatIf();
    assertEquals(days(0, 0, 0), filled);
    fill();
    assertEquals(days(0, 0, 0), filled);
    assertEquals(ColumnProgress.complete(3), progress());
    assertEquals(
        "recompute --columns-only from 2026-03-01 to 2026-03-03",
        scenario.tables().base().open().work().toString());
    assertProven();
  }

  @Test
  void whatItCannotDoIsRefused() {
    threeDays();
    Scenario.Snapshots before = scenario.snapshots();
    scenario.columns(columns("now", "now()"));
    for (Runnable refused : List.<Runnable>of(this::fill, this::whatIf)) {
      Failure failure = assertThrows(Failure.class, refused::run);
      assertEquals(Failure.Kind.USAGE, failure.kind());
      assertTrue(failure.getMessage().contains("now"), failure.getMessage());
    }
    assertEquals(before, scenario.snapshots());
    assertFalse(scenario.tables().base().columns().number() > 0);
    // Another driver commits while a day is filled
    scenario.columns(columns("pages", PAGES));
    int[] passed = {0};
    Failure conflict =
        assertThrows(
            Failure.class,
            () ->
                fill(
                    point -> {
                      if (point == CrashPoint.OPEN_WRITTEN && ++passed[0] == 2) {
                        scenario.send(TestClick.click("eve", at(3, "09:10")));
                        scenario.runAt(at(3, "09:11"));
                      }
                    }));
    assertEquals(Failure.Kind.CONFLICT, conflict.kind());
    assertEquals(new ColumnProgress(0, through(1, DAY)), progress());
    // A crash at the next day: tables that are out of sync are restated first
    assertThrows(
        UnsupportedOperationException.class,
        () ->
            fill(
                point -> {
                  if (point == CrashPoint.SESSIONS_PUBLISHED) {
                    throw new UnsupportedOperationException();
                  }
                }));
    assertTrue(scenario.tables().base().outOfSync());
    fill();
    assertEquals(Map.of(DAY.plusDays(1), 0L, DAY.plusDays(2), 2L), filled);
    assertEquals(ColumnProgress.complete(1), progress());
    assertProven();
    scenario.assertLiveEqualToOracle();
  }
}
