package io.sessionize.scenario;

import static io.sessionize.testing.TestClick.click;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.audit.proof.PastRun;
import io.sessionize.audit.proof.Proof;
import io.sessionize.audit.proof.ProofReport;
import io.sessionize.job.Rebinding;
import io.sessionize.offsets.Offsets;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.TestClick;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tables that are bound to another topic with the same events. */
class RebindScenarioTest {
  private static final int ALL = 100;

  private final Scenario scenario = new Scenario(2);

  @Test
  void aMirrorIsReadFromItsBeginningAndEachEventCountsOnce() {
    List<TestClick> clicks =
        List.of(
            click("ann", "08:00"),
            click("bob", "08:10").on(1),
            click("ann", "08:20"),
            click("clock", "10:00"),
            click("clock", "10:00").on(1));
    scenario.topic().send(clicks);
    scenario.runAt("10:01");
    scenario.readAnotherTopic();
    clicks.forEach(click -> scenario.send(click.on(0)));
    scenario.send(click("bob", "08:30").sentAt("10:02"), click("clock", "10:05"));
    Failure refused = scenario.assertRefusedAt("10:06", Failure.Kind.USAGE);
    assertTrue(refused.getMessage().contains("--rebind-topic"), refused.getMessage());

    Rebinding.Bound bound = scenario.rebind(Offsets.NONE, false);
    assertTrue(Files.isDirectory(Path.of(bound.checkpointSetAside().orElseThrow())));
    assertEquals(clicks.size(), scenario.runAt("10:06").read().duplicates());
    scenario.assertEqualToOracle();
    scenario.assertNothingToDoAt("10:07");
    scenario.send(click("ann", "10:10"), click("clock", "12:00"));
    scenario.runAt("12:01");
    scenario.assertEqualToOracle();

    // All runs are proven, those of the old topic by the stored events
    Proof proof = scenario.proof();
    List<PastRun> runs = proof.last(ALL);
    assertEquals(4, runs.size());
    for (PastRun run : runs) {
      ProofReport report = proof.prove(run);
      assertEquals(List.of(), report.differences(), run.toString());
    }
  }

  @Test
  void aRecreatedTopicIsBoundFromTheOffsetsThatTheTablesLack() {
    scenario.send(click("ann", "08:00"), click("ann", "08:10"), click("bob", "08:10").on(1));
    scenario.runAt("08:15");
    scenario.topic().deleteAndMakeAnew(1);
    scenario.send(click("ann", "08:20"));
    scenario.assertRefusedAt("08:21", Failure.Kind.BROKEN);
    scenario.rebind(Offsets.of(scenario.topic().name(), Map.of(0, 0L)), false);
    scenario.runAt("08:21");
    scenario.assertEqualToOracle();
    scenario.assertNothingToDoAt("08:22");
  }

  @Test
  void eventsWithoutIdsCountAgainOnlyWithConsent() {
    scenario.send(click("ann", "08:00").id(""), click("bob", "06:00"), click("clock", "10:00"));
    scenario.runAt("10:01");
    scenario.readAnotherTopic();
    scenario.send(click("ann", "08:00").id(""));
    Failure refused = assertThrows(Failure.class, () -> scenario.rebind(Offsets.NONE, false));
    assertEquals(Failure.Kind.USAGE, refused.kind());
    assertTrue(refused.getMessage().startsWith("1 sessions of "), refused.getMessage());

    scenario.rebind(Offsets.NONE, true);
    scenario.runAt("10:02");
    assertEquals(
        2,
        scenario.closed().byId().values().stream()
            .filter(session -> session.uuid().equals("ann"))
            .findAny()
            .orElseThrow()
            .events()
            .size());
  }
}
