package io.sessionize.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sessionize.summary.TableNames;
import io.sessionize.table.Sql;
import io.sessionize.testing.TestSpark;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Tests each query on a few sessions. The queries on runs are tested with real runs. */
@TestInstance(Lifecycle.PER_CLASS)
class AnalyticsSqlTest {
  private TableNames names;

  @BeforeAll
  void aFewSessions() {
    names =
        TestSessions.of(
            "ann|2026-03-01T23:59|home|search|search|selection",
            "ann|2026-03-02T08:00|home",
            "ann|2026-03-02T09:10|search|home|search|booking",
            "bob|2026-03-02T09:50|home|-|review|selection|search",
            "cid|2026-03-04T09:00|-");
  }

  @Test
  void sessionsPerHour() {
    assertRows(
        "analytics/sessions_per_hour",
        "2026-03-01 23:00:00.0 1 4",
        "2026-03-02 08:00:00.0 1 1",
        "2026-03-02 09:00:00.0 2 9",
        "2026-03-04 09:00:00.0 1 1");
  }

  @Test
  void sessionsPerDay() {
    assertRows(
        "analytics/sessions_per_day",
        "2026-03-01 1 1 4 180 0 0",
        "2026-03-02 3 2 10 420 1 0",
        "2026-03-04 1 1 1 0 1 0");
  }

  @Test
  void durationsByTheLowerBoundOfTheirRange() {
    assertRows(
        "analytics/session_durations",
        "2026-03-01 180 1",
        "2026-03-02 0 1",
        "2026-03-02 180 2",
        "2026-03-04 0 1");
  }

  @Test
  void lengthsByTheLowerBoundOfTheirRange() {
    assertRows(
        "analytics/session_lengths",
        "2026-03-01 4 1",
        "2026-03-02 1 1",
        "2026-03-02 4 1",
        "2026-03-02 5 1",
        "2026-03-04 1 1");
  }

  @Test
  void theSessionsOfAUserAreNumberedFromOne() {
    assertEquals(
        List.of(
            "ann 1 ann_session_1",
            "ann 2 ann_session_2",
            "ann 3 ann_session_3",
            "bob 1 bob_session_1",
            "cid 1 cid_session_1"),
        rows("analytics/user_sessions_numbered").stream()
            .map(row -> String.join(" ", List.of(row.split(" ")).subList(0, 3)))
            .toList());
  }

  @Test
  void returningUsersByTheDayOfTheirLastVisit() {
    assertRows(
        "analytics/returning_users",
        "2026-03-01 null 1",
        "2026-03-02 null 1",
        "2026-03-02 2026-03-01 1",
        "2026-03-02 2026-03-02 1",
        "2026-03-04 null 1");
  }

  @Test
  void pagesThatSessionsSawBeganBouncedAndEndedOn() {
    assertRows(
        "analytics/entry_and_exit_pages",
        "2026-03-01 home 1 1 0 0",
        "2026-03-01 search 1 0 0 0",
        "2026-03-01 selection 1 0 0 1",
        "2026-03-02 home 3 2 1 1",
        "2026-03-02 search 2 1 0 1",
        "2026-03-02 booking 1 0 0 1",
        "2026-03-02 review 1 0 0 0",
        "2026-03-02 selection 1 0 0 0");
  }

  @Test
  void pageTransitionsByStepWithoutReloads() {
    assertRows(
        "analytics/page_transitions",
        "2026-03-01 1 home search 1",
        "2026-03-01 2 search selection 1",
        "2026-03-01 3 selection null 1",
        "2026-03-02 1 home null 1",
        "2026-03-02 1 home review 1",
        "2026-03-02 1 search home 1",
        "2026-03-02 2 home search 1",
        "2026-03-02 2 review selection 1",
        "2026-03-02 3 search booking 1",
        "2026-03-02 3 selection search 1",
        "2026-03-02 4 booking null 1",
        "2026-03-02 4 search null 1");
  }

  @Test
  void aFunnelCountsPagesInTheirOrderWithOthersBetween() {
    assertRows(
        "analytics/funnel",
        "2026-03-01 1 home 1",
        "2026-03-01 2 search 1",
        "2026-03-02 1 home 3",
        "2026-03-02 2 search 2",
        "2026-03-02 3 booking 1");
  }

  @Test
  void theNewestSessionsComeFirst() {
    List<String> newest = rows("analytics/newest_sessions");
    assertEquals(5, newest.size());
    assertEquals(
        "bob_session_1772445000000 bob 2026-03-02 09:50:00.0 240 5 inactivity false"
            + " [home,review,selection,search] [1772445000000,home,view,user-action,home,null]",
        newest.get(1).substring(0, newest.get(1).indexOf(",[")).replace("[[", "["));
  }

  @Test
  void sizesOfTheTables() {
    List<String> sizes = rows("analytics/table_sizes");
    assertEquals("closed 3 5 ", sizes.get(0).substring(0, 11));
    assertEquals("open 0 0 0 0", sizes.get(1));
    assertEquals("rejected 0 0 0 0", sizes.get(2));
  }

  private void assertRows(String name, String... expected) {
    assertEquals(List.of(expected), rows(name));
  }

  private List<String> rows(String name) {
    String text = Sql.named(name).with(names).with("from", "2026-03-01").text();
    Map<String, Object> funnel = Map.of("funnel", new String[] {"home", "search", "booking"});
    return TestSpark.session().sql(text, funnel).collectAsList().stream()
        .map(
            row ->
                row.mkString(" ")
                    .replaceAll("(?:ArraySeq|WrappedArray)\\(", "[")
                    .replace(", ", ",")
                    .replace(")", "]"))
        .toList();
  }
}
