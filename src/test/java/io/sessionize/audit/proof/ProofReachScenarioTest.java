package io.sessionize.audit.proof;

import static io.sessionize.testing.TestClick.click;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.job.Recomputation;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.Shown;
import io.sessionize.testing.Shown.Proved;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** How far proofs reach back: runs of some hours, expired runs, runs that cannot be replayed. */
class ProofReachScenarioTest {
  private static final int ALL = 100;

  private final Scenario scenario = new Scenario(2);

  @Test
  void expiredRunsAreALineAndNoAlarm() {
    twoHours();
    scenario.runAt("23:00");
    scenario.expireAll(scenario.names().sessions());
    scenario.expireAll(scenario.names().open());
    Instant now = scenario.proof().last(1).get(0).time();
    Proved shown = Shown.proofOfLast(scenario.proof(), 24);
    assertEquals(null, shown.failure(), shown.out());
    assertTrue(
        shown
            .out()
            .matches(
                "not provable any more: runs before \\S+Z, whose snapshots expired\n"
                    + "not provable any more \\(the snapshots on which it was built expired\\) "
                    + " .*\n"
                    + "0 of 1 runs are proven, and the others are not provable\n"),
        shown.out());
    assertEquals(shown.out(), Shown.proofSince(scenario.proof(), now.minusSeconds(99)).out());

    // The next run is proven, and what is expired hides no difference in it
    scenario.send(click("ann", "08:45").sentAt("23:10"), click("clock", "23:10"));
    scenario.send(click("clock", "23:10").on(1));
    scenario.runAt("23:11");
    Proved next = Shown.proofOfLast(scenario.proof(), 24);
    assertEquals(null, next.failure(), next.out());
    assertTrue(next.out().contains("\nproven from Kafka  "), next.out());
    assertTrue(next.out().contains("1 of 2 runs are proven"), next.out());
    scenario.byHand("UPDATE ${sessions} SET event_count = 7 WHERE uuid = 'ann'");
    Proved altered = Shown.proofOfLast(scenario.proof(), 24);
    assertEquals(Failure.Kind.BROKEN, altered.failure().kind());
    assertTrue(
        altered.failure().getMessage().startsWith("1 of 2 runs are not proven"),
        altered.failure().getMessage());
  }

  @Test
  void sinceTakesTheRunsOfThatTime() {
    twoHours();
    scenario.runAt("23:00");
    List<PastRun> runs = scenario.proof().last(ALL);
    Proved both = Shown.proofSince(scenario.proof(), runs.get(1).time());
    assertEquals(2, both.out().lines().filter(line -> line.startsWith("proven ")).count());
    assertEquals(null, both.failure());
    Proved one = Shown.proofSince(scenario.proof(), runs.get(0).time());
    assertEquals(1, one.out().lines().count(), one.out());
    Instant later = runs.get(0).time().plusMillis(1);
    Proved none = Shown.proofSince(scenario.proof(), later);
    assertEquals(
        "nothing to prove: no run has published anything since " + later + "\n", none.out());
    assertEquals(null, none.failure());
  }

  @Test
  void recomputeOfUsersIsALineAndNoAlarm() {
    twoHours();
    scenario.byHand("UPDATE ${sessions} SET event_count = 7 WHERE uuid = 'bob'");
    scenario.recompute(new Recomputation(null, null, Set.of("bob")), true);
    Proved shown = Shown.proofOfLast(scenario.proof(), 2);
    assertEquals(null, shown.failure(), shown.out());
    assertTrue(
        shown.out().startsWith("not provable (it was a recompute of 1 users, "), shown.out());
    assertTrue(shown.out().contains("\nproven from Kafka  "), shown.out());
  }

  private void twoHours() {
    scenario.send(click("ann", "08:00"), click("ann", "08:20").on(1), click("bob", "08:00"));
    scenario.send(click("clock", "10:00"), click("clock", "10:00").on(1));
    scenario.runAt("10:01");
  }
}
