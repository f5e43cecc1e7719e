package io.sessionize.scenario;

import static io.sessionize.testing.TestClick.at;
import static io.sessionize.testing.TestClick.click;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.job.BatchReport;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Partition;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.Scenario.Snapshots;
import io.sessionize.testing.TestClick;
import io.sessionize.testing.TestSpark;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Given tables, a checkpoint and a topic at different offsets. */
class RecoveryScenarioTest {
  private final Scenario scenario = new Scenario(2);

  @Test
  void missingOrOldCheckpointDoesNotChangeTheResult() {
    sendHour(8);
    scenario.runAt("09:00");
    Path old = scenario.copyOfCheckpoint("-old");
    sendHour(9);
    scenario.runAt("10:00");

    scenario.deleteCheckpoint();
    sendHour(10);
    scenario.runAt("11:00");
    scenario.assertEqualToOracle();

    // The tables have all records of some batches, and a part of one batch
    scenario.restoreCheckpoint(old);
    scenario.maxOffsets(4);
    sendHour(11);
    scenario.runAt("12:00");
    scenario.assertEqualToOracle();
    scenario.assertReportsCountEverything();
  }

  @Test
  void checkpointBeforeTheEarliestOffsetIsRefused() {
    sendHour(8);
    scenario.runAt("09:00");
    Path old = scenario.copyOfCheckpoint("-old");
    sendHour(9);
    BatchReport second = scenario.runAt("10:00");
    scenario
        .topic()
        .deleteBefore(
            1, second.read().next().getOrDefault(new Partition(scenario.topic().name(), 1), 0));
    sendHour(10);

    scenario.restoreCheckpoint(old);
    Failure failure = scenario.assertRefusedAt("11:00", Failure.Kind.USAGE);
    assertTrue(failure.getMessage().contains("Delete the checkpoint"), failure.getMessage());
    assertTrue(
        failure.getMessage().contains(scenario.checkpoint().toString()), failure.getMessage());

    scenario.deleteCheckpoint();
    scenario.runAt("11:00");
    scenario.assertEqualToOracle();
    scenario.assertReportsCountEverything();
  }

  @Test
  void rollbackOfOnlyTheSessionsTableIsRefused() {
    sendHour(8);
    BatchReport first = scenario.runAt("09:00");
    Snapshots yesterday = scenario.snapshots();
    sendHour(9);
    scenario.runAt("10:00");
    sendHour(10);
    BatchReport third = scenario.runAt("11:00");
    sendHour(11);

    scenario.rollBackSessions(yesterday);
    Failure failure = scenario.assertRefusedAt("12:00", Failure.Kind.BROKEN);
    assertTrue(failure.getMessage().contains("rolled back alone"), failure.getMessage());

    // Both are now behind the checkpoint: the missing range is read first.
    scenario.rollBackOpen(yesterday);
    scenario.runAt("12:00");
    BatchReport missing = scenario.batches().get(3);
    assertEquals(first.read().next(), missing.read().from());
    assertEquals(third.read().next(), missing.read().next());
    scenario.assertEqualToOracle();
  }

  @Test
  void missingRangeIsReadInBatchesUpToTheLimit() {
    sendHour(8);
    scenario.runAt("09:00");
    Snapshots yesterday = scenario.snapshots();
    sendHour(9);
    sendHour(10);
    Offsets reached = scenario.runAt("11:00").read().next();
    scenario.rollBackSessions(yesterday);
    scenario.rollBackOpen(yesterday);
    int before = scenario.batches().size();

    // A run that is asked to stop ends between two of them
    scenario.maxOffsets(4);
    scenario.runAt("12:00", () -> scenario.batches().size() > before + 1);
    assertEquals(before + 2, scenario.batches().size());

    sendHour(11);
    scenario.runAt("12:00");
    List<BatchReport> batches = scenario.batches().subList(before, scenario.batches().size());
    assertTrue(batches.stream().allMatch(batch -> batch.read().offsets() <= 4), batches.toString());
    assertTrue(batches.stream().anyMatch(batch -> batch.read().next().equals(reached)));
    scenario.assertEqualToOracle();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void rollbackOfOnlyStagingIsRefused(int runs) {
    // Given runs that have restated and rejected after that
    scenario.send(click("late", "07:30"));
    sendHour(8);
    scenario.runAt("09:00");
    Snapshots yesterday = scenario.snapshots();
    for (int hour = 9; hour < 9 + runs; hour++) {
      sendHour(hour);
      scenario.send(click("late", "07:" + (30 + hour)).sentAt(String.format("%02d:59", hour)));
      assertTrue(scenario.runAt((hour + 1) + ":00").sessions().changed() > 0);
    }
    // When only the staging table is rolled back before all of them
    scenario.rollBackOpen(yesterday);
    sendHour(12);
    // Then it is treated as a mistake, not as a crash between the two commits
    Failure failure = scenario.assertRefusedAt("13:00", Failure.Kind.BROKEN);
    assertTrue(failure.getMessage().contains("rolled back alone"), failure.getMessage());

    scenario.rollBackSessions(yesterday);
    scenario.runAt("13:00");
    scenario.assertEqualToOracle();
  }

  @Test
  void runsContinueAfterADeletedUserAndExpiredHistory() {
    // Given closed and open sessions, one of them reopened by a late click
    sendHour(8);
    scenario.runAt("09:00");
    sendHour(9);
    scenario.runAt("10:00");
    // When a user's closed sessions are deleted and the history expired: no Sessionize commit is
    // left
    String table = "sessions." + scenario.names().table();
    scenario.byHand("DELETE FROM ${sessions} WHERE uuid = 'bob'");
    call(
        "expire_snapshots(table => '%s', older_than => TIMESTAMP '2999-01-01 00:00:00', retain_last => 1)",
        table);
    // Then the next run continues from the staging table, also without new records
    sendHour(10);
    scenario.runAt("11:00");
    scenario.backfill(scenario.everything(), true);
    scenario.assertEqualToOracle();
    assertTrue(scenario.lastCommitOfSessions().containsKey("sessionize.version"));
  }

  @Test
  void idleRunRepairsTablesThatAreOutOfSync() {
    sendHour(8);
    scenario.runAt("09:00");
    scenario.byHand("DELETE FROM ${sessions} WHERE uuid = 'bob'");
    assertTrue(scenario.tables().base().outOfSync());
    scenario.runAt("09:00");
    assertFalse(scenario.tables().base().outOfSync());
    scenario.assertNothingToDoAt("09:00");
  }

  @Test
  void stagingWithoutACommitPointIsRefused() {
    // Given a compaction, all snapshots before it expired, and no trace of them
    sendHour(8);
    sendHour(9);
    scenario.runAt("10:00");
    String table = "sessions." + scenario.names().table() + "_open";
    call("rewrite_data_files(table => '%s', options => map('rewrite-all', 'true'))", table);
    sendHour(10);
    Snapshots compacted = scenario.snapshots();
    call("expire_snapshots(table => '%s', older_than => TIMESTAMP '2999-01-01 00:00:00')", table);
    assertEquals(compacted, scenario.snapshots());
    scenario.forgetCommitPoint();
    // Then nothing records what the table has read
    Failure failure = scenario.assertRefusedAt("11:00", Failure.Kind.BROKEN);
    assertTrue(
        failure.getMessage().contains(table + " has no Sessionize commit"), failure.getMessage());
  }

  @Test
  void stoppedRunEndsBetweenBatchesAndTheNextRunContinues() {
    scenario.maxOffsets(4);
    sendHour(8);
    sendHour(9);
    Optional<BatchReport> stopped = scenario.runAt("10:00", () -> !scenario.batches().isEmpty());
    assertEquals(1, scenario.batches().size());
    assertEquals(scenario.batches().get(0), stopped.orElseThrow());
    scenario.runAt("10:01");
    assertTrue(scenario.batches().size() > 2, scenario.batches().toString());
    scenario.assertEqualToOracle();
    scenario.assertReportsCountEverything();
  }

  private static void call(String procedure, String table) {
    TestSpark.session().sql("CALL local.system." + String.format(procedure, table));
  }

  /** Sends the clicks of one hour, with a late one and a copy, and an invalid record. */
  private void sendHour(int hour) {
    String h = String.format("%02d", hour);
    String before = String.format("%02d", hour - 1);
    TestClick copied = click("ann", h + ":05");
    scenario.send(
        copied,
        click("ann", h + ":25").on(1),
        copied,
        click("bob", before + ":45").sentAt(h + ":40"),
        click("bob", h + ":10").on(1),
        click("walks through", h + ":20"),
        click("walks through", h + ":40"),
        click("walks through", h + ":55").on(1));
    scenario
        .topic()
        .sendRejected("malformed", 1, "key", ("hour " + h).getBytes(UTF_8), at(h + ":30"));
  }
}
