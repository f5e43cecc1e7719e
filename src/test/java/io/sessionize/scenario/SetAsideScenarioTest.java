package io.sessionize.scenario;

import static io.sessionize.testing.TestClick.click;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.audit.proof.PastRun;
import io.sessionize.audit.proof.Proof;
import io.sessionize.audit.proof.ProofReport;
import io.sessionize.job.BatchReport;
import io.sessionize.job.CrashPoint;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.ScenarioTopic;
import io.sessionize.testing.TestSpark;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Given closed and open sessions of three users, one user is set aside, and taken back later. */
class SetAsideScenarioTest {
  private final Scenario scenario = new Scenario(2);

  SetAsideScenarioTest() {
    scenario.send(
        click("ann", "08:00"),
        click("undefined", "08:00"),
        click("undefined", "08:10").on(1),
        click("undefined", "11:50"),
        click("ann", "11:55").on(1),
        click("bob", "12:00"));
    scenario.runAt("12:01");
    scenario.send(
        click("undefined", "12:05"), click("ann", "12:05"), click("undefined", "08:20").on(1));
  }

  @Test
  void recordsAreKeptWholeAndNoSessionRemainsUntilTheUserIsTakenBack() {
    scenario.setAside(Set.of("undefined"));
    BatchReport run = scenario.runAt("12:10");
    assertEquals(2, run.read().rejected().get("set_aside"));
    assertEquals(List.of(), scenario.live().of("undefined"));
    assertEquals(List.of("08:00-08:00 1 inactivity"), scenario.closed().of("ann"));
    assertEquals(
        List.of("set_aside", "set_aside"),
        scenario.rejected().stream().map(ScenarioTopic.Rejected::reason).toList());

    // The tables record it, as a hash.
    scenario.setAside(null);
    scenario.send(click("undefined", "12:15"), click("bob", "12:20"));
    run = scenario.runAt("12:21");
    assertEquals(1, run.read().rejected().get("set_aside"));
    assertEquals(List.of(), scenario.live().of("undefined"));
    assertFalse(summary().contains("undefined"), summary());

    // A backfill and the proof decide the same.
    scenario.backfill(scenario.everything(), true);
    assertEquals(List.of(), scenario.live().of("undefined"));
    Proof proof = scenario.proof();
    for (PastRun past : proof.last(3)) {
      ProofReport report = proof.prove(past);
      assertTrue(report.isProven(), report.toString());
    }

    scenario.setAside(Set.of());
    scenario.send(click("clock", "16:00"));
    scenario.runAt("16:01");
    scenario.setAside(null);
    scenario.backfill(scenario.everything(), true);
    scenario.assertLiveEqualToOracle();
  }

  @ParameterizedTest
  @EnumSource(names = {"SESSIONS_MERGED", "SESSIONS_PUBLISHED", "REJECTED_PUBLISHED"})
  void aCrashedRunThatSetsAUserAsideIsRepeated(CrashPoint point) {
    scenario.setAside(Set.of("undefined"));
    scenario.crashAt("12:10", point);
    if (point != CrashPoint.SESSIONS_MERGED) {
      // After the first commit, the next run knows who is set aside.
      scenario.setAside(null);
    }
    scenario.runAt("12:11");
    assertEquals(List.of(), scenario.live().of("undefined"));
    assertEquals(2, scenario.rejected().size());
  }

  @Test
  void aCrashedRunWithAShorterListLeavesNoSessionOfAUserWhoIsSetAsideAgain() {
    scenario.setAside(Set.of("undefined"));
    scenario.runAt("12:10");
    scenario.setAside(Set.of());
    scenario.send(click("undefined", "12:40"), click("clock", "16:00"));
    scenario.crashAt("16:01", CrashPoint.SESSIONS_PUBLISHED);
    assertEquals(List.of("12:40-12:40 1 inactivity"), scenario.closed().of("undefined"));
    scenario.setAside(Set.of("undefined"));
    scenario.runAt("16:02");
    assertEquals(List.of(), scenario.live().of("undefined"));
  }

  private String summary() {
    return TestSpark.session()
        .sql("SELECT summary FROM " + scenario.names().open() + ".snapshots ORDER BY committed_at")
        .collectAsList()
        .toString();
  }
}
