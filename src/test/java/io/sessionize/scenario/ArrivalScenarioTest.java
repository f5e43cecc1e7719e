package io.sessionize.scenario;

import static io.sessionize.testing.TestClick.click;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sessionize.job.BatchReport;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.Sessions;
import io.sessionize.testing.TestClick;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Given clicks over four runs, some late, repeated, or with other content than their copies; after
 * each run the tables equal those of one run over all clicks.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ArrivalScenarioTest {
  private final Scenario scenario = new Scenario(1);
  private final List<BatchReport> runs = new ArrayList<>();
  private Sessions closedAfterTwoRuns;
  private Sessions closed;

  @BeforeAll
  void fourRuns() {
    TestClick twice = click("copies", "06:00");
    TestClick open = click("copies", "08:05");
    TestClick larger = click("conflict, larger first", "08:05").page("x");
    TestClick smaller = click("conflict, smaller first", "08:05").page("a");
    TestClick closedLarger = click("conflict, closed as larger", "06:00").page("x");
    TestClick closedSmaller = click("conflict, closed as smaller", "06:00").page("a");
    scenario.send(twice, twice, closedLarger, closedSmaller);
    scenario.send(click("bridged", "06:00"), click("bridged", "06:10").page("search"));
    scenario.send(click("bridged", "06:55").page("review"), click("bridged", "07:00"));
    scenario.send(open, larger, smaller, click("spanning", "08:10"));
    run("08:12");

    scenario.send(click("spanning", "08:35").page("search"), open);
    scenario.send(larger.page("b"), smaller.page("y"));
    run("08:36");
    closedAfterTwoRuns = scenario.closed();

    scenario.send(
        click("spanning", "09:02").page("review"), click("bridged", "06:33").page("late"));
    scenario.send(twice, closedLarger.page("b"), closedSmaller.page("y"));
    run("09:03");

    scenario.send(click("spanning", "09:31").page("booking"), open);
    scenario.send(larger.page("a"), smaller.page("z"), click("clock", "11:00"));
    run("11:01");
    closed = scenario.closed();
  }

  private void run(String time) {
    runs.add(scenario.runAt(time));
    scenario.assertEqualToOracle();
  }

  @Test
  void sessionOverFourRunsIsOneRow() {
    assertEquals(List.of(), closedAfterTwoRuns.of("spanning"));
    assertEquals(List.of("08:10-09:31 4 inactivity"), closed.of("spanning"));
    assertEquals(
        List.of(List.of("home", "search", "review", "booking")), closed.pagesOf("spanning"));
  }

  @Test
  void lateClickJoinsTwoClosedSessionsAndRemovesARow() {
    assertEquals(
        List.of("06:00-06:10 2 inactivity", "06:55-07:00 2 inactivity"),
        closedAfterTwoRuns.of("bridged"));
    assertEquals(List.of("06:00-07:00 5 inactivity"), closed.of("bridged"));
    assertEquals(List.of(List.of("home", "search", "late", "review")), closed.pagesOf("bridged"));
  }

  @Test
  void copiesCountOnceInARunWhileOpenAndAfterClose() {
    assertEquals(
        List.of("06:00-06:00 1 inactivity", "08:05-08:05 1 inactivity"), closed.of("copies"));
    assertEquals(
        List.of(1L, 3L, 3L, 3L), runs.stream().map(run -> run.read().duplicates()).toList());
    scenario.assertReportsCountEverything();
  }

  @Test
  void copyWithTheSmallestContentWinsInAnyOrder() {
    assertEquals(List.of(List.of("a")), closed.pagesOf("conflict, larger first"));
    assertEquals(List.of(List.of("a")), closed.pagesOf("conflict, smaller first"));
    assertEquals(List.of(List.of("b")), closed.pagesOf("conflict, closed as larger"));
    assertEquals(List.of(List.of("a")), closed.pagesOf("conflict, closed as smaller"));
  }

  @Test
  void onlyRowsThatDifferAreChanged() {
    // The joined session, the row that it replaced, and contents that were replaced by smaller
    // ones.
    assertEquals(
        List.of(0L, 0L, 3L, 1L),
        runs.stream().map(run -> run.sessions().changed() + run.sessions().removed()).toList());
    assertEquals(
        List.of(0L, 0L, 4L, 3L), runs.stream().map(run -> run.read().lateness().late()).toList());
  }
}
