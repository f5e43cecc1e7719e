package io.sessionize.pipeline;

import static io.sessionize.pipeline.TestClick.at;
import static io.sessionize.pipeline.TestClick.click;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.audit.Status;
import io.sessionize.audit.Status.Partition;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The verdict on a job, for all that can be the matter with it. */
class StatusScenarioTest {
  private final Scenario scenario = new Scenario(2);

  private Status status(Duration later) {
    return Status.of(
        scenario.tables().base(),
        Optional.of(scenario.topic().describe()),
        null,
        Instant.now().plus(later));
  }

  private String verdict(Status status) {
    return status.verdict(scenario.tables().history().lastOfOurs());
  }

  @Test
  void fromHealthyToBroken() {
    scenario.send(click("ann", "08:00"), click("bob", "09:00"), click("bob", "09:00").on(1));
    scenario.runAt("12:00");
    Status status = status(Duration.ZERO);
    assertEquals(
        List.of(new Partition(0, 2, 0L, 2L, 0L), new Partition(1, 1, 0L, 1L, 0L)),
        status.partitions());
    assertEquals(Instant.ofEpochMilli(at("08:50")), status.watermark());
    assertEquals(1, status.open());
    assertEquals(Instant.ofEpochMilli(at("09:00")), status.oldestOpenEnd());
    assertTrue(verdict(status).startsWith("HEALTHY: 0 offsets wait"), verdict(status));

    scenario.send(click("ann", "09:10"), click("ann", "09:20").on(1));
    assertEquals(2, status(Duration.ZERO).records());
    assertTrue(verdict(status(Duration.ZERO)).startsWith("HEALTHY: 2 offsets wait"));
    String late = verdict(status(Status.PATIENCE.plusMinutes(1)));
    assertTrue(late.startsWith("BEHIND: 2 offsets wait, and no run has come"), late);

    scenario.crashAt("12:10", CrashPoint.SESSIONS_PUBLISHED);
    String between = verdict(status(Duration.ZERO));
    assertTrue(between.startsWith("PUBLISHING: a run is between its two commits"), between);

    scenario.topic().deleteBefore(1, 2);
    String broken = verdict(status(Duration.ZERO));
    assertTrue(broken.startsWith("BROKEN: Kafka has deleted offsets of partitions [1]"), broken);
  }

  @Test
  void aNewPartitionWhoseFirstRecordsAreGoneIsBroken() {
    scenario.send(click("ann", "08:00"));
    scenario.runAt("12:00");
    scenario.topic().growTo(3);
    scenario.send(click("ann", "08:10").on(2), click("ann", "08:20").on(2));
    scenario.topic().deleteBefore(2, 1);
    Status status = status(Duration.ZERO);
    assertEquals(new Partition(2, 0, 1L, 2L, 2L), status.partitions().get(2));
    assertTrue(verdict(status).startsWith("BROKEN: Kafka has deleted offsets of partitions [2]"));
  }

  @Test
  void whatKafkaDoesNotTellIsUnknown() {
    scenario.send(click("ann", "08:00"));
    scenario.runAt("12:00");
    Status silent =
        Status.of(scenario.tables().base(), Optional.empty(), "Kafka is away", Instant.now());
    assertEquals(
        List.of(new Partition(0, 1, null, null, null), new Partition(1, 0, null, null, null)),
        silent.partitions());
    assertNull(silent.records());
    assertTrue(verdict(silent).startsWith("UNKNOWN: Kafka is away; last commit 20"));

    scenario.topic().deleteAndMakeAnew(2);
    assertTrue(
        verdict(status(Duration.ZERO)).startsWith("UNKNOWN: the topic was deleted and made anew"));
  }
}
