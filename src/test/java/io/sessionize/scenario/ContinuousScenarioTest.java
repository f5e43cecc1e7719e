package io.sessionize.scenario;

import static io.sessionize.testing.TestClick.at;
import static io.sessionize.testing.TestClick.click;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.cli.Failures;
import io.sessionize.job.BatchReport;
import io.sessionize.job.CrashPoint;
import io.sessionize.job.FollowingRun;
import io.sessionize.job.Recomputation;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Partition;
import io.sessionize.session.Rules;
import io.sessionize.summary.TableNames;
import io.sessionize.table.SessionTables;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.TestSpark;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.TableMetadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Continuous mode: one run that reads the topics again and again. */
class ContinuousScenarioTest {
  private final Scenario scenario = new Scenario(2);
  private final AtomicLong clock = new AtomicLong(at("08:00"));

  private BatchReport runAt(FollowingRun<?> run, String time) {
    clock.set(at(time));
    return run.execute(() -> false);
  }

  @Test
  void itContinuesFromAnHourlyRunAndAnHourlyRunFromIt() {
    // Given an hourly run, and records that came after it
    scenario.send(click("ann", "08:00"), click("bob", "08:05").on(1));
    scenario.runAt("08:10");
    scenario.send(click("ann", "08:20"), click("ann", "08:21"), click("bob", "08:22").on(1));
    scenario.maxOffsets(2);
    try (FollowingRun<?> run = scenario.following(clock::get)) {
      // When continuous mode reads them, in two batches; then its checkpoint is out of the way
      BatchReport first = runAt(run, "08:23");
      assertEquals(3, first.counts().get("records"));
      assertFalse(Files.exists(scenario.checkpoint()));
      assertTrue(Files.exists(Path.of(first.checkpointSetAside().orElseThrow())));
      scenario.assertEqualToOracle();
      // And nothing is committed without a record
      Scenario.Snapshots before = scenario.snapshots();
      assertTrue(runAt(run, "08:24").isNothing());
      assertEquals(before, scenario.snapshots());
      // And late events and idle steps work as in hourly runs
      scenario.send(click("bob", "11:00").on(1), click("ann", "11:00"));
      runAt(run, "11:00");
      scenario.send(click("ann", "08:40"));
      runAt(run, "11:01");
      scenario.assertEqualToOracle();
      assertEquals(List.of("08:00-08:40 4 inactivity"), scenario.closed().of("ann"));
      runAt(run, "14:00");
      assertEquals(2, scenario.closed().of("ann").size());
    }
    scenario.send(click("ann", "14:00"));
    assertTrue(scenario.runAt("14:01").checkpointSetAside().isEmpty());
    scenario.assertEqualToOracle();
  }

  @Test
  void eachPassMakesAllChecks() {
    scenario.send(click("ann", "08:00"), click("bob", "08:05").on(1));
    try (FollowingRun<?> run = scenario.following(clock::get)) {
      runAt(run, "08:10");
      // Offsets are deleted before they are read
      scenario.send(click("ann", "08:11"), click("ann", "08:12"));
      scenario.topic().deleteBefore(0, 2);
      assertRefused(run, Failure.Kind.BROKEN, "[1, 2) of partition 0");
    }
    try (FollowingRun<?> run = scenario.goesOnAfterDataLoss().following(clock::get)) {
      assertEquals(1, runAt(run, "08:13").counts().get("offsets_lost"));
      // A recompute changes the rules
      scenario.rules(new Rules(Duration.ofMinutes(5), Duration.ofHours(2), null, List.of()));
      scenario.recompute(new Recomputation(null, null, Set.of()), true);
      scenario.send(click("ann", "08:14"));
      assertRefused(run, Failure.Kind.USAGE, "PT5M");
    }
    try (FollowingRun<?> run = scenario.following(clock::get)) {
      runAt(run, "08:15");
      // The topic is recreated
      scenario.topic().deleteAndMakeAnew(2);
      scenario.send(click("ann", "08:16"), click("ann", "08:17").on(1));
      assertRefused(run, Failure.Kind.BROKEN, "recreated");
    }
  }

  @Test
  void aTopicThatIsMissingIsAnErrorOfUsageThatALoopWaitsFor() {
    scenario.send(click("ann", "08:00"), click("bob", "08:05").on(1));
    try (FollowingRun<?> run = scenario.following(clock::get)) {
      runAt(run, "08:10");
      scenario.topic().delete();
      Failure missing = failureAt(run, "08:11");
      assertTrue(missing.getMessage().startsWith("There is no topic"), missing.getMessage());
      assertEquals(Failure.Kind.USAGE, missing.kind());
      assertTrue(missing.mayPass());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void offsetsThatAreDeletedWhileTheyAreReadAreLostInTheNextPassIfThatIsAllowed(boolean allowed) {
    if (allowed) {
      scenario.goesOnAfterDataLoss();
    }
    AtomicBoolean armed = new AtomicBoolean();
    CrashPoint.Probe retention =
        passed -> {
          if (passed == CrashPoint.BEGUN && armed.getAndSet(false)) {
            scenario.topic().deleteBefore(0, 3);
          }
        };
    scenario.send(click("ann", "08:00"), click("bob", "08:05").on(1));
    try (FollowingRun<?> run = scenario.following(clock::get, retention)) {
      runAt(run, "08:10");
      scenario.send(click("ann", "08:11"), click("ann", "08:12"), click("ann", "08:13"));
      armed.set(true);
      Failure failure = failureAt(run, "08:14");
      if (!allowed) {
        assertEquals(Failure.Kind.BROKEN, failure.kind(), failure.getMessage());
        assertEquals(Failure.Kind.BROKEN, failureAt(run, "08:15").kind());
        return;
      }
      // The loop tries again
      assertEquals(Failure.Kind.OTHER, failure.kind(), failure.getMessage());
      Map<String, Long> counts = runAt(run, "08:15").counts();
      assertEquals(2, counts.get("offsets_lost"));
      assertEquals(1, counts.get("records"));
    }
  }

  private Failure failureAt(FollowingRun<?> run, String time) {
    return Failures.explain(assertThrows(Exception.class, () -> runAt(run, time)));
  }

  private void assertRefused(FollowingRun<?> run, Failure.Kind kind, String message) {
    Scenario.Snapshots before = scenario.snapshots();
    Failure refused = assertThrows(Failure.class, () -> runAt(run, "08:30"));
    assertEquals(kind, refused.kind(), refused.getMessage());
    assertTrue(refused.getMessage().contains(message), refused.getMessage());
    assertEquals(before, scenario.snapshots());
  }

  @Test
  void tablesThatWereDroppedAreMissedAndThoseOfAnotherDriverAreRead() {
    scenario.send(click("ann", "08:00"), click("bob", "08:05").on(1));
    try (FollowingRun<?> run = scenario.following(clock::get)) {
      runAt(run, "08:10");
      List<String> tables =
          List.of(
              scenario.names().sessions(), scenario.names().open(), scenario.names().rejected());
      tables.forEach(table -> TestSpark.session().sql("DROP TABLE " + table));
      Failure missing = assertThrows(Failure.class, () -> runAt(run, "08:11"));
      assertTrue(missing.getMessage().contains("There is no table"), missing.getMessage());
      // When another driver creates them again, then the loop goes on with the new ones
      scenario.runAt("08:12");
      scenario.send(click("ann", "08:13"));
      assertEquals(1, runAt(run, "08:14").counts().get("records"));
      scenario.assertEqualToOracle();
    }
  }

  @Test
  void aRollbackOfBothTablesBetweenTwoBatchesIsFollowed() {
    scenario.send(click("ann", "08:00"), click("bob", "08:05").on(1));
    try (FollowingRun<?> run = scenario.following(clock::get)) {
      runAt(run, "08:10");
      Scenario.Snapshots before = scenario.snapshots();
      scenario.send(click("ann", "11:00"), click("bob", "11:00").on(1));
      assertEquals(2, runAt(run, "11:01").counts().get("sessions_added"));
      rollBack(scenario.names().sessions(), before.sessions());
      rollBack(scenario.names().open(), before.open());
      // It reads the events again that are no longer there, and the new one
      scenario.send(click("ann", "11:02"));
      assertEquals(3, runAt(run, "11:03").counts().get("records"));
      scenario.assertEqualToOracle();
      // And the next batch builds on this one
      scenario.send(click("bob", "11:04").on(1));
      assertEquals(1, runAt(run, "11:05").counts().get("records"));
      scenario.assertEqualToOracle();
    }
  }

  private static void rollBack(String table, long snapshot) {
    TestSpark.session()
        .sql(
            String.format(
                "CALL local.system.set_current_snapshot('%s', %d)",
                TableNames.plain(table), snapshot));
  }

  @ParameterizedTest
  @EnumSource(names = {"BEGUN", "DECODED", "SESSIONS_MERGED", "OPEN_WRITTEN"})
  void anotherDriverThatCommitsWithinABatchIsAConflictAndTheNextPassGoesOn(CrashPoint point) {
    scenario.send(click("ann", "08:00"), click("bob", "08:05").on(1));
    AtomicBoolean armed = new AtomicBoolean();
    CrashPoint.Probe other =
        passed -> {
          if (passed == point && armed.getAndSet(false)) {
            scenario.runAt("11:01");
          }
        };
    try (FollowingRun<?> run = scenario.following(clock::get, other)) {
      runAt(run, "08:10");
      scenario.send(click("ann", "11:00"), click("bob", "11:00").on(1));
      armed.set(true);
      Failure conflict = assertThrows(Failure.class, () -> runAt(run, "11:01"));
      assertEquals(Failure.Kind.CONFLICT, conflict.kind(), conflict.getMessage());
      scenario.send(click("ann", "11:02"));
      assertEquals(1, runAt(run, "11:03").counts().get("records"));
      scenario.assertEqualToOracle();
    }
  }

  @Test
  void aBatchCommitsEachTableTwice() {
    scenario.send(click("ann", "08:00"));
    try (FollowingRun<?> run = scenario.following(clock::get)) {
      runAt(run, "08:10");
      List<String> tables =
          List.of(
              scenario.names().sessions(), scenario.names().open(), scenario.names().rejected());
      List<Long> before = tables.stream().map(this::commits).toList();
      scenario.send(click("bob", "12:00"), click("bob", "12:01").on(1));
      assertEquals(1, runAt(run, "12:02").counts().get("sessions_added"));
      List<Long> after = tables.stream().map(this::commits).toList();
      // The batch on its branch, and its publication
      assertEquals(List.of(before.get(0) + 2, before.get(1) + 2, before.get(2)), after);
    }
  }

  @Test
  void rejectedRecordsAreStoredOnceAlsoThoseOfABackfillAheadOfIt() {
    sendBroken(0, "08:00");
    sendBroken(1, "08:01");
    try (FollowingRun<?> run = scenario.following(clock::get)) {
      runAt(run, "08:02");
      long before = commits(scenario.names().rejected());
      sendBroken(0, "08:03");
      scenario.send(click("ann", "08:04"));
      runAt(run, "08:05");
      scenario.assertEqualToOracle();
      // It knows that these are new: they are appended, by two commits
      assertEquals(before + 2, commits(scenario.names().rejected()));
      // Given a backfill of records that it has not read
      sendBroken(0, "08:06");
      sendBroken(0, "08:07");
      Map<Partition, Long> from = Map.of(partition(0), 3L, partition(1), 1L);
      Map<Partition, Long> to = Map.of(partition(0), 5L, partition(1), 1L);
      scenario.backfill(new OffsetRange(new Offsets(from), new Offsets(to)), true);
      // When it reads them, then they are there once
      assertEquals(2, runAt(run, "08:08").counts().get("rejected"));
      scenario.assertEqualToOracle();
      sendBroken(0, "08:09");
      runAt(run, "08:10");
      scenario.assertEqualToOracle();
    }
  }

  private void sendBroken(int partition, String time) {
    scenario.topic().sendRejected("malformed", partition, "key", time.getBytes(UTF_8), at(time));
  }

  private Partition partition(int number) {
    return new Partition(scenario.topic().name(), number);
  }

  /** The number of metadata files that the table ever had. */
  private long commits(String table) {
    TableMetadata metadata =
        ((HasTableOperations) new SessionTables(TestSpark.session(), scenario.names()).load(table))
            .operations()
            .current();
    String file = metadata.metadataFileLocation();
    return Long.parseLong(file.substring(file.lastIndexOf('/') + 1).split("-")[0]);
  }
}
