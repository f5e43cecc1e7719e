package io.sessionize.pipeline;

import static io.sessionize.pipeline.TestClick.click;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.pipeline.Scenario.Snapshots;
import io.sessionize.session.Rules;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/** Given sessions of two days, and somebody who wants other rules. */
class RecomputeScenarioTest {
  private static final Rules LONGER =
      new Rules(Duration.ofMinutes(45), Duration.ofHours(2), null, List.of());
  private static final Recomputation ALL = new Recomputation(null, null, Set.of());

  private final Scenario scenario = new Scenario(1);

  RecomputeScenarioTest() {
    scenario.send(
        click("ann", "2026-03-01T08:00"),
        click("ann", "2026-03-01T08:40"),
        click("ann", "2026-03-01T10:00"),
        click("bob", "2026-03-01T08:00"),
        click("bob", "08:00"),
        click("bob", "08:40"),
        click("open", "11:20"),
        click("open", "11:55"),
        click("clock", "12:00"));
    scenario.runAt("12:01");
  }

  @Test
  void overTheWholeTableTheNewRulesAreRecordedAndRunsGoOnWithThem() {
    scenario.rules(LONGER);
    Recomputed done = scenario.recompute(ALL, true);
    assertEquals(
        List.of(
            "2026-03-01T08:00-2026-03-01T08:40 2 inactivity",
            "2026-03-01T10:00-2026-03-01T10:00 1 inactivity"),
        scenario.closed().of("ann"));
    assertEquals(List.of("11:20-11:55 2 inactivity"), scenario.open().of("open"));
    assertEquals(2, done.batch().idsChanged());
    scenario.assertEqualToOracle();

    // A second time there is nothing to do
    Snapshots before = scenario.snapshots();
    assertEquals(done.after(), scenario.recompute(ALL, true).after());
    assertEquals(before, scenario.snapshots());

    // Late and new clicks go by the new rules
    scenario.send(
        click("ann", "2026-03-01T09:20").sentAt("12:10"),
        click("open", "12:30"),
        click("clock", "12:40"));
    scenario.runAt("12:41");
    scenario.assertEqualToOracle();
    scenario.rules(Rules.DEFAULT);
    Failure refused = scenario.assertRefusedAt("12:42", Failure.Kind.USAGE);
    assertTrue(refused.getMessage().contains("PT45M"), refused.getMessage());

    // And back again
    scenario.recompute(ALL, true);
    scenario.assertEqualToOracle();
  }

  @Test
  void aWhatIfLeavesTheTableAloneAndTellsWhatDiffersDayByDay() {
    Snapshots before = scenario.snapshots();
    scenario.rules(LONGER);
    Recomputed whatIf = scenario.recompute(ALL, false);
    assertEquals(before, scenario.snapshots());
    List<Row> days = scenario.difference(whatIf);
    assertEquals(
        List.of("2026-03-01 4 3 0.0 800.0 1.0 0.6667", "2026-03-02 2 1 0.0 2400.0 1.0 0.0"),
        days.stream().map(row -> row.mkString(" ")).toList());
    assertEquals(4, scenario.count("SELECT count(*) FROM ${sessions}.branch_what_if"));

    // The branch is replaced by the next one
    scenario.rules(new Rules(Duration.ofMinutes(90), Duration.ofHours(2), null, List.of()));
    scenario.recompute(ALL, false);
    assertEquals(3, scenario.count("SELECT count(*) FROM ${sessions}.branch_what_if"));
    assertEquals(before, scenario.snapshots());
    scenario.rules(Rules.DEFAULT);
    scenario.assertEqualToOracle();
  }

  @Test
  void someDaysOrUsersAloneLeaveTheRestAndTheRulesAsTheyWere() {
    scenario.rules(LONGER);
    LocalDate day = LocalDate.parse("2026-03-02");
    scenario.recompute(new Recomputation(day, day, Set.of()), true);
    assertEquals(
        List.of("2026-03-01T08:00-2026-03-01T08:00 1 inactivity", "08:00-08:40 2 inactivity"),
        scenario.closed().of("bob"));
    assertEquals(3, scenario.closed().of("ann").size());
    scenario.recompute(new Recomputation(null, null, Set.of("ann")), true);
    assertEquals(2, scenario.closed().of("ann").size());
    scenario.assertRefusedAt("12:02", Failure.Kind.USAGE);

    // Runs go on by the old ones, and the whole table can be had by them again
    scenario.rules(Rules.DEFAULT);
    scenario.send(click("open", "12:10"));
    scenario.runAt("12:11");
    assertEquals(
        List.of("11:20-11:20 1 inactivity", "11:55-12:10 2 inactivity"),
        scenario.live().of("open"));
    scenario.recompute(ALL, true);
    scenario.assertEqualToOracle();
  }
}
