package io.sessionize.maintenance;

import static io.sessionize.testing.TestClick.at;
import static io.sessionize.testing.TestClick.click;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.job.BatchReport;
import io.sessionize.job.CrashPoint;
import io.sessionize.job.Run;
import io.sessionize.table.SessionTables;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.Shown;
import io.sessionize.testing.TestSpark;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.iceberg.DataOperations;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.util.SnapshotUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Compacts the tables by hand while runs are in progress. */
class CompactionScenarioTest {
  private final Scenario scenario = new Scenario(2);
  private int hour = 8;

  @ParameterizedTest
  @EnumSource
  void aRunContinuesAfterACompactionAtAnyPoint(CrashPoint point) {
    // Given tables of two hours
    nextHour();
    scenario.runAt(now());
    nextHour();
    scenario.runAt(now());
    // When both are compacted while the next hour restates rows of the last
    nextHour();
    BatchReport report =
        runWith(point, scenario.names().sessions(), scenario.names().open()).execute(() -> false);
    // Then the run has published all
    assertEquals(1, report.sessions().changed());
    scenario.assertEqualToOracle();
    scenario.assertNothingToDoAt(now());
    assertNoAbandonedSnapshots();
  }

  @Test
  void aRunContinuesAfterACompactionWithExpiryBesideIt() {
    nextHour();
    scenario.runAt(now());
    nextHour();
    scenario.runAt(now());
    nextHour();
    Run<?> run =
        runBeside(
            CrashPoint.OPEN_WRITTEN,
            () -> {
              scenario.compactAndExpire(scenario.names().sessions());
              scenario.compactAndExpire(scenario.names().open());
            });
    assertEquals(1, run.execute(() -> false).sessions().changed());
    scenario.assertEqualToOracle();
    scenario.assertNothingToDoAt(now());
  }

  @Test
  void anotherDriverBesideACompactionIsAConflict() {
    nextHour();
    scenario.runAt(now());
    nextHour();
    Run<?> run =
        runBeside(
            CrashPoint.OPEN_WRITTEN,
            () -> {
              scenario.compact(scenario.names().sessions());
              Path other = scenario.checkpoint().resolveSibling("other");
              scenario
                  .newRun(TestSpark.session(), now(), other, CrashPoint.Probe.NONE)
                  .execute(() -> false);
              scenario.compact(scenario.names().open());
            });
    Throwable thrown = assertThrows(RuntimeException.class, () -> run.execute(() -> false));
    assertEquals(Failure.Kind.CONFLICT, Shown.failure(thrown).kind());
    scenario.assertEqualToOracle();
  }

  @Test
  void aBatchThatReplacesNoRowIsCommittedOnTopOfACompaction() {
    // Given a closed session
    scenario.send(click("ann", "08:05"), click("bob", "09:00"));
    scenario.runAt("09:00");
    // When the table is compacted before the next session is published
    scenario.send(click("cat", "10:00"));
    hour = 10;
    runWith(CrashPoint.OPEN_WRITTEN, scenario.names().sessions()).execute(() -> false);
    // Then the files that were written before are published, on top of it
    Table sessions = scenario.sessionsTable();
    Snapshot head = sessions.currentSnapshot();
    assertEquals(DataOperations.APPEND, head.operation());
    assertEquals(DataOperations.REPLACE, sessions.snapshot(head.parentId()).operation());
    for (Table table : List.of(sessions, scenario.tables().load(scenario.names().open()))) {
      List<TableMetadata> versions = versions(table);
      assertTrue(
          versions.stream().anyMatch(version -> version.refs().size() == 3),
          "The first commit must exist until the second one has the files");
      Snapshot published = table.currentSnapshot();
      assertTrue(
          versions.stream()
              .filter(version -> published.equals(version.currentSnapshot()))
              .allMatch(version -> version.refs().size() == 1),
          "The first commit must be gone when the second one is published");
    }
    scenario.assertEqualToOracle();
    assertTablesInSync();
    assertNoAbandonedSnapshots();
  }

  @Test
  void anotherCommitOfRowsBesideARunIsAConflict() {
    nextHour();
    scenario.runAt(now());
    nextHour();
    Run<?> run =
        runBeside(
            CrashPoint.OPEN_WRITTEN,
            () -> {
              scenario.compact(scenario.names().sessions());
              scenario.byHand("DELETE FROM ${sessions} WHERE uuid = 'ann'");
            });
    Throwable thrown = assertThrows(RuntimeException.class, () -> run.execute(() -> false));
    assertEquals(Failure.Kind.CONFLICT, Shown.failure(thrown).kind());
  }

  @Test
  void aCompactionBetweenTheCommitsLeavesTheTablesInSync() {
    nextHour();
    scenario.runAt(now());
    nextHour();
    runWith(CrashPoint.SESSIONS_PUBLISHED, scenario.names().sessions()).execute(() -> false);
    assertTablesInSync();
    nextHour();
    scenario.runAt(now());
    scenario.assertEqualToOracle();
  }

  @Test
  void aCompactionBetweenTwoRunsLeavesTheTablesInSync() {
    nextHour();
    scenario.runAt(now());
    scenario.compact(scenario.names().sessions());
    scenario.compact(scenario.names().open());
    assertTablesInSync();
    scenario.assertNothingToDoAt(now());
    nextHour();
    scenario.runAt(now());
    scenario.assertEqualToOracle();
  }

  /** Returns a run during which these tables are compacted, at this crash point. */
  private Run<?> runWith(CrashPoint point, String... compacted) {
    return runBeside(point, () -> List.of(compacted).forEach(scenario::compact));
  }

  /** Returns a run during which something else is done, once, at this crash point. */
  private Run<?> runBeside(CrashPoint point, Runnable other) {
    AtomicBoolean passed = new AtomicBoolean();
    return scenario.newRun(
        TestSpark.session(),
        now(),
        scenario.checkpoint(),
        reached -> {
          if (reached == point && passed.compareAndSet(false, true)) {
            other.run();
          }
        });
  }

  /** The metadata of the table after each of its commits. */
  private static List<TableMetadata> versions(Table table) {
    TableMetadata current = ((HasTableOperations) table).operations().current();
    List<TableMetadata> versions = new ArrayList<>(List.of(current));
    current
        .previousFiles()
        .forEach(version -> versions.add(TableMetadataParser.read(table.io(), version.file())));
    return versions;
  }

  /** Another engine's expiry may delete the files of a snapshot that is in no branch. */
  private void assertNoAbandonedSnapshots() {
    for (Table table :
        List.of(scenario.sessionsTable(), scenario.tables().load(scenario.names().open()))) {
      long head = table.currentSnapshot().snapshotId();
      table
          .snapshots()
          .forEach(
              snapshot ->
                  assertTrue(
                      SnapshotUtil.isAncestorOf(table, head, snapshot.snapshotId()),
                      snapshot::toString));
    }
  }

  /** Checks that the tables are in sync; otherwise a run looks up each user in staging. */
  private void assertTablesInSync() {
    assertFalse(new SessionTables(TestSpark.session(), scenario.names()).base().outOfSync());
  }

  private String now() {
    return String.format("%02d:00", hour);
  }

  /** Sends the clicks of one hour, with a late one and a malformed record. */
  private void nextHour() {
    String h = now().substring(0, 3);
    scenario.send(
        click("ann", h + "05"),
        click("ann", h + "25").on(1),
        click("bob", h + "20"),
        // Late: it joins the session of bob that was published in the last hour.
        click("bob", String.format("%02d:30", hour - 2)).sentAt(h + "40"),
        click("walks through", h + "20"),
        click("walks through", h + "40"),
        click("walks through", h + "55").on(1));
    scenario.topic().sendRejected("malformed", 1, "key", new byte[] {'x'}, at(h + "30"));
    hour++;
  }
}
