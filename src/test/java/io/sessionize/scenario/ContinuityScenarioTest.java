package io.sessionize.scenario;

import static io.sessionize.testing.TestClick.click;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.cli.Failures;
import io.sessionize.job.BatchReport;
import io.sessionize.job.CrashPoint;
import io.sessionize.job.Run;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Partition;
import io.sessionize.session.Rules;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.TestSpark;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Given tables after a run, the next run cannot continue. */
class ContinuityScenarioTest {
  private final Scenario scenario = new Scenario(2);

  ContinuityScenarioTest() {
    scenario.send(click("ann", "08:00"), click("ann", "08:10").on(1));
    scenario.runAt("08:11");
  }

  @Test
  void otherRulesAndOtherTopicAreRefusedWithARemedy() {
    scenario.rules(new Rules(Duration.ofMinutes(20), Duration.ofHours(2), null, List.of()));
    String rules = scenario.assertRefusedAt("09:00", Failure.Kind.USAGE).getMessage();
    assertTrue(rules.contains("PT30M") && rules.contains("PT20M"), rules);
    assertTrue(rules.contains("recompute") && rules.contains("--iceberg-table"), rules);

    scenario.rules(new Rules(Duration.ofMinutes(30), Duration.ofHours(2), null, List.of("logout")));
    scenario.assertRefusedAt("09:00", Failure.Kind.USAGE);

    String topicBefore = scenario.topic().name();
    scenario.rules(Rules.DEFAULT);
    scenario.readAnotherTopic();
    String topic = scenario.assertRefusedAt("09:00", Failure.Kind.USAGE).getMessage();
    assertTrue(topic.contains(topicBefore) && topic.contains(scenario.topic().name()), topic);
    assertTrue(topic.contains("--iceberg-table"), topic);
  }

  @Test
  void refusedRunCreatesNoMissingTable() {
    // The rejected table is recreated, but not by a refused run
    drop(scenario.names().rejected());
    scenario.deleteCheckpoint();
    scenario.rules(new Rules(Duration.ofMinutes(20), Duration.ofHours(2), null, List.of()));
    scenario.assertRefusedAt("09:00", Failure.Kind.USAGE);
    scenario.rules(Rules.DEFAULT);
    scenario.send(click("ann", "08:20"));
    scenario.runAt("08:25");
    scenario.assertEqualToOracle();

    // Without the staging table the read offsets are unknown, although no session is closed yet
    drop(scenario.names().open());
    String open = scenario.assertRefusedAt("09:00", Failure.Kind.BROKEN).getMessage();
    assertTrue(open.contains("the staging table") && open.contains("is missing"), open);
  }

  @Test
  void stagingWithoutSessionsTableIsRefused() {
    drop(scenario.names().sessions());
    String message = scenario.assertRefusedAt("09:00", Failure.Kind.BROKEN).getMessage();
    assertTrue(message.contains("is missing"), message);
  }

  private static void drop(String table) {
    TestSpark.session().sql("DROP TABLE " + table);
  }

  @Test
  void recreatedTopicIsRefused() {
    scenario.topic().deleteAndMakeAnew(2);
    scenario.send(click("ann", "08:20"), click("ann", "08:30").on(1));
    String message = scenario.assertRefusedAt("09:00", Failure.Kind.BROKEN).getMessage();
    assertTrue(message.contains("recreated"), message);
  }

  @Test
  void lostOffsetsAreRefusedAndDeletedReadOffsetsAreNot() {
    scenario.topic().deleteBefore(1, 1);
    scenario.send(click("ann", "08:20").on(1), click("ann", "08:25").on(1));
    scenario.runAt("08:26");
    scenario.assertEqualToOracle();

    scenario.send(click("ann", "08:30").on(1), click("ann", "08:35").on(1));
    scenario.topic().deleteBefore(1, 4);
    String message = scenario.assertRefusedAt("09:00", Failure.Kind.BROKEN).getMessage();
    assertTrue(message.contains("[3, 4) of partition 1"), message);
    assertEquals(List.of("08:00-08:25 4 inactivity"), scenario.live().of("ann"));
  }

  @Test
  void runRecordsTheLostRangeIfLossesAreAllowed() {
    scenario.send(click("ann", "08:20").on(1), click("ann", "08:25").on(1));
    scenario.topic().deleteBefore(1, 2);
    scenario.assertRefusedAt("08:30", Failure.Kind.BROKEN);

    BatchReport report = scenario.goesOnAfterDataLoss().runAt("08:30");
    assertEquals(lost(1, 1, 2), report.read().lost());
    assertEquals(1, report.counts().get("offsets_lost"));
    assertEquals(2, report.read().offsets());
    assertEquals(1, report.read().records());
    assertEquals(lost(1, 1, 2), recordedLost());
    assertEquals(List.of("08:00-08:25 3 inactivity"), scenario.live().of("ann"));
    // The checkpoint inside the lost range is set aside.
    File[] setAside =
        scenario
            .checkpoint()
            .getParent()
            .toFile()
            .listFiles(
                file -> file.getName().startsWith(scenario.checkpoint().getFileName() + ".set"));
    assertEquals(1, setAside.length);

    scenario.send(click("ann", "08:40").on(1));
    BatchReport next = scenario.runAt("08:45");
    assertEquals(OffsetRange.NONE, next.read().lost());
    assertEquals(List.of("08:00-08:40 4 inactivity"), scenario.live().of("ann"));
  }

  @Test
  void offsetsThatAreDeletedWhileTheyAreReadAreLostInTheNextRunIfLossesAreAllowed() {
    scenario.goesOnAfterDataLoss();
    scenario.send(click("ann", "08:20").on(1), click("ann", "08:25").on(1));
    CrashPoint.Probe retention =
        passed -> {
          if (passed == CrashPoint.BEGUN) {
            scenario.topic().deleteBefore(1, 2);
          }
        };
    Run<?> run = scenario.newRun(TestSpark.session(), "08:30", scenario.checkpoint(), retention);
    Failure failure =
        Failures.explain(assertThrows(Exception.class, () -> run.execute(() -> false)));
    assertEquals(Failure.Kind.OTHER, failure.kind(), failure.getMessage());
    BatchReport report = scenario.runAt("08:30");
    assertEquals(lost(1, 1, 2), report.read().lost());
    assertEquals(1, report.read().records());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void deletedFirstRecordsOfANewPartitionAreLost(boolean withCheckpoint) {
    scenario.topic().growTo(3);
    scenario.send(
        click("ann", "08:20").on(2), click("ann", "08:25").on(2), click("ann", "08:30").on(2));
    scenario.topic().deleteBefore(2, 2);
    if (!withCheckpoint) {
      scenario.deleteCheckpoint();
    }
    String message = scenario.assertRefusedAt("08:35", Failure.Kind.BROKEN).getMessage();
    assertTrue(message.contains("[0, 2) of partition 2"), message);

    BatchReport report = scenario.goesOnAfterDataLoss().runAt("08:35");
    assertEquals(lost(2, 0, 2), report.read().lost());
    assertEquals(2, report.counts().get("offsets_lost"));
    assertEquals(1, report.read().records());
    assertEquals(lost(2, 0, 2), recordedLost());
    assertEquals(List.of("08:00-08:30 3 inactivity"), scenario.live().of("ann"));

    // Only once: the next runs and their checkpoint have no lost range
    scenario.assertNothingToDoAt("08:36");
    scenario.send(click("ann", "08:40").on(2));
    assertEquals(OffsetRange.NONE, scenario.runAt("08:45").read().lost());
    assertEquals(List.of("08:00-08:40 4 inactivity"), scenario.live().of("ann"));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void lostRangeAtTheEndOfAPartitionIsRecorded(int partition) {
    scenario.topic().growTo(3);
    scenario.send(click("ann", "08:20").on(partition));
    String topic = scenario.topic().name();
    long end =
        scenario.topic().describe().latest().getOrDefault(new Partition(topic, partition), 0);
    scenario.topic().deleteBefore(partition, end);
    scenario.assertRefusedAt("08:25", Failure.Kind.BROKEN);

    BatchReport report = scenario.goesOnAfterDataLoss().runAt("08:25");
    assertEquals(lost(partition, end - 1, end), report.read().lost());
    assertEquals(0, report.read().records());
    scenario.assertNothingToDoAt("08:26");
  }

  @Test
  void partitionReadBeforeItsDeletionHasNoLostRange() {
    // Given a checkpoint older than the partition, and tables that have read it
    Path old = scenario.copyOfCheckpoint("-old");
    scenario.topic().growTo(3);
    scenario.send(click("ann", "08:20").on(2), click("ann", "08:25").on(2));
    scenario.runAt("08:26");
    scenario.topic().deleteBefore(2, 1);
    scenario.send(click("ann", "08:30").on(2));
    // When that checkpoint is restored; then the run skips the deleted offsets, which the tables
    // have
    scenario.restoreCheckpoint(old);
    String message = scenario.assertRefusedAt("08:35", Failure.Kind.USAGE).getMessage();
    assertTrue(message.contains("offset 0 of partition 2"), message);
    assertTrue(message.contains("Delete the checkpoint"), message);

    BatchReport report = scenario.goesOnAfterDataLoss().runAt("08:35");
    assertEquals(OffsetRange.NONE, report.read().lost());
    scenario.assertEqualToOracle();
  }

  private OffsetRange lost(int partition, long from, long to) {
    String topic = scenario.topic().name();
    return new OffsetRange(
        Offsets.of(topic, Map.of(partition, from)), Offsets.of(topic, Map.of(partition, to)));
  }

  private OffsetRange recordedLost() {
    return scenario.tables().base().progress().lost();
  }
}
