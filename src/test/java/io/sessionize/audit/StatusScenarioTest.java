package io.sessionize.audit;

import static io.sessionize.testing.TestClick.at;
import static io.sessionize.testing.TestClick.click;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.audit.Status.PartitionLag;
import io.sessionize.history.History;
import io.sessionize.job.CrashPoint;
import io.sessionize.job.Recomputation;
import io.sessionize.session.Partition;
import io.sessionize.session.Rules;
import io.sessionize.testing.Scenario;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The verdict on a job in each state. */
class StatusScenarioTest {
  private final Scenario scenario = new Scenario(2);

  private Status status(Duration later) {
    Instant now = Instant.now().plus(later);
    return Status.of(
        scenario.names().table(),
        scenario.tables().base(),
        scenario.topic().describe(),
        null,
        scenario.tables().reader(scenario.tables().base()).openEndingAfter(now),
        now);
  }

  private String verdict(Status status) {
    return status.verdict(new History(scenario.tables()).lastRunAt().orElse(null));
  }

  @Test
  void verdictChangesFromHealthyToBroken() {
    scenario.send(click("ann", "08:00"), click("bob", "09:00"), click("bob", "09:00").on(1));
    scenario.runAt("12:00");
    Status status = status(Duration.ZERO);
    assertEquals(
        List.of(
            new PartitionLag(new Partition(scenario.topic().name(), 0), 2, 0L, 2L, 0L),
            new PartitionLag(new Partition(scenario.topic().name(), 1), 1, 0L, 1L, 0L)),
        status.partitions());
    assertEquals(Instant.ofEpochMilli(at("08:50")), status.watermark());
    assertEquals(1, status.open());
    assertEquals(Instant.ofEpochMilli(at("09:00")), status.oldestOpenEnd());
    assertTrue(verdict(status).startsWith("HEALTHY: 0 offsets wait"), verdict(status));

    scenario.send(click("ann", "09:10"), click("ann", "09:20").on(1));
    assertEquals(2, status(Duration.ZERO).records());
    assertTrue(verdict(status(Duration.ZERO)).startsWith("HEALTHY: 2 offsets wait"));
    String late = verdict(status(Status.PATIENCE.plusMinutes(1)));
    assertTrue(late.startsWith("BEHIND: 2 offsets wait, and no run has read"), late);

    scenario.crashAt("12:10", CrashPoint.SESSIONS_PUBLISHED);
    String between = verdict(status(Duration.ZERO));
    assertTrue(between.startsWith("PUBLISHING: a run is between its two commits"), between);

    scenario.topic().deleteBefore(1, 2);
    assertRefusal("BROKEN", Failure.Kind.BROKEN);
  }

  @Test
  void verdictHasTheMessageOfTheRefusedRun() {
    scenario.send(click("ann", "08:00"), click("ann", "08:10").on(1), click("ann", "08:12"));
    scenario.runAt("08:13");
    // A new partition that lost its first records before they were read
    scenario.topic().growTo(3);
    scenario.send(click("ann", "08:20").on(2), click("ann", "08:21").on(2));
    scenario.topic().deleteBefore(2, 1);
    assertRefusal("BROKEN", Failure.Kind.BROKEN);
    scenario.goesOnAfterDataLoss().runAt("08:22");
    assertTrue(verdict(status(Duration.ZERO)).startsWith("HEALTHY"));

    // A recompute that was interrupted
    scenario.rules(new Rules(Duration.ofMinutes(45), Duration.ofHours(2), null, List.of()));
    scenario.crashRecomputeAt(CrashPoint.SESSIONS_PUBLISHED);
    assertRefusal("REFUSED", Failure.Kind.USAGE);
    scenario.recompute(new Recomputation(null, null, Set.of()), true);
    assertTrue(verdict(status(Duration.ZERO)).startsWith("HEALTHY"));

    // An external DELETE is no refusal: the next run accepts it
    scenario.byHand("DELETE FROM ${sessions} WHERE uuid = 'ann'");
    assertTrue(
        verdict(status(Duration.ZERO))
            .startsWith("CHANGED: the sessions table has an external commit"));
    scenario.runAt("08:22");

    // A recreated topic
    scenario.topic().deleteAndMakeAnew(3);
    assertRefusal("BROKEN", Failure.Kind.BROKEN);
  }

  @Test
  void aWatermarkAheadOfTheClockIsNamed() {
    scenario.send(click("ann", "08:00"));
    scenario.runAt("08:05");
    scenario.runAt("2130-01-01T00:00");
    assertTrue(status(Duration.ZERO).watermarkBehind().isNegative());
    assertTrue(
        verdict(status(Duration.ZERO)).startsWith("AHEAD: the watermark is ahead of the clock"),
        verdict(status(Duration.ZERO)));
  }

  @Test
  void openSessionsAheadOfTheClockAreCounted() {
    scenario.send(click("liar", "2099-01-01T00:00"), click("ann", "08:00"));
    scenario.runAt("08:05");
    assertEquals(1, status(Duration.ZERO).ahead());
  }

  private void assertRefusal(String word, Failure.Kind kind) {
    Failure refused = scenario.assertRefusedAt("12:30", kind);
    assertEquals(
        word
            + ": the next run will end with exit code "
            + kind.exitCode()
            + ": "
            + refused.getMessage(),
        verdict(status(Duration.ZERO)));
  }

  @Test
  void verdictIsUnknownIfKafkaDoesNotAnswer() {
    scenario.send(click("ann", "08:00"));
    scenario.runAt("12:00");
    Status silent =
        Status.of(
            scenario.names().table(),
            scenario.tables().base(),
            null,
            Failure.unreachable(null, "Kafka is away"),
            0,
            Instant.now());
    assertEquals(
        List.of(
            new PartitionLag(new Partition(scenario.topic().name(), 0), 1, null, null, null),
            new PartitionLag(new Partition(scenario.topic().name(), 1), 0, null, null, null)),
        silent.partitions());
    assertNull(silent.records());
    assertTrue(verdict(silent).startsWith("UNKNOWN: Kafka is away; last commit 20"));
  }
}
