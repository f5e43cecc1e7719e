package io.sessionize.scenario;

import static io.sessionize.testing.TestClick.click;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.job.CrashPoint;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Rules;
import io.sessionize.source.KafkaTopics;
import io.sessionize.table.Recovery.Recovered;
import io.sessionize.testing.Scenario;
import org.junit.jupiter.api.Test;

/** A table service compacts the tables and expires all older snapshots, between runs. */
class TableServiceScenarioTest {
  private final Scenario scenario = new Scenario(2);

  @Test
  void aRunContinuesAfterEachServiceOfBothTables() {
    for (int hour = 8; hour < 11; hour++) {
      runHour(hour);
      service();
      assertFalse(scenario.tables().base().outOfSync());
      scenario.assertEqualToOracle();
    }
  }

  @Test
  void aRunContinuesAfterSeveralServices() {
    runHour(8);
    service();
    service();
    service();
    assertFalse(scenario.tables().base().outOfSync());
    runHour(9);
    scenario.assertEqualToOracle();
  }

  @Test
  void maintenanceContinuesAfterAService() {
    runHour(8);
    service();
    scenario.maintain();
    service();
    runHour(9);
    scenario.assertEqualToOracle();
  }

  @Test
  void aCrashBeforeAServiceIsStillKnown() {
    runHour(8);
    send(9);
    scenario.crashAt("09:00", CrashPoint.SESSIONS_PUBLISHED);
    service();
    assertTrue(scenario.tables().base().outOfSync());
    scenario.runAt("09:00");
    scenario.assertEqualToOracle();
  }

  @Test
  void aCrashBetweenTwoServicesOfStagingIsStillKnown() {
    runHour(8);
    service();
    send(9);
    scenario.crashAt("09:00", CrashPoint.SESSIONS_PUBLISHED);
    service();
    service();
    assertTrue(scenario.tables().base().outOfSync());
    scenario.runAt("09:00");
    scenario.assertEqualToOracle();
  }

  @Test
  void sessionsRolledBackAloneAreRefusedOnceTheirHistoryIsGone() {
    runHour(8);
    scenario.compact(scenario.names().sessions());
    Scenario.Snapshots compacted = scenario.snapshots();
    runHour(9);
    scenario.rollBackSessions(compacted);
    scenario.compactAndExpire(scenario.names().sessions());
    send(10);
    scenario.assertRefusedAt("10:00", Failure.Kind.BROKEN);
  }

  @Test
  void bothTablesRolledBackToOneRunAreContinuedOnceTheirHistoryIsGone() {
    runHour(8);
    scenario.compact(scenario.names().sessions());
    scenario.compact(scenario.names().open());
    Scenario.Snapshots compacted = scenario.snapshots();
    runHour(9);
    scenario.rollBackSessions(compacted);
    scenario.rollBackOpen(compacted);
    service();
    send(10);
    scenario.runAt("10:00");
    scenario.assertEqualToOracle();
  }

  @Test
  void aRollbackToACompactionOfAnOlderRunIsRefusedOnceItsHistoryIsGone() {
    // Given a compaction after the first run, and a second run
    runHour(8);
    scenario.compact(scenario.names().open());
    Scenario.Snapshots compacted = scenario.snapshots();
    runHour(9);
    // When staging is rolled back to the compaction, serviced and expired
    scenario.rollBackOpen(compacted);
    scenario.compactAndExpire(scenario.names().open());
    // Then the sessions table is known to belong to the second run
    send(10);
    scenario.assertRefusedAt("10:00", Failure.Kind.BROKEN);
  }

  @Test
  void bothTablesAreRestoredFromTheTagsOfADay() {
    // Given tags of a state that was compacted and expired since, as another engine does it
    runHour(8);
    scenario.compact(scenario.names().sessions());
    scenario.compact(scenario.names().open());
    scenario.tag();
    runHour(9);
    service();
    // When both tables go back to their tags, whose ancestry is cut
    scenario.setCurrentToTags();
    // Then the next run reads the later records again
    assertFalse(scenario.tables().base().outOfSync());
    scenario.runAt("09:00");
    scenario.assertEqualToOracle();
  }

  @Test
  void aLostCommitPointIsRebuiltFromTheRowsAndAnyEarlierOffsets() {
    // Given tables that a crash has left out of sync, a closed session that a late click reopened,
    // and no history
    runHour(8);
    runHour(9);
    send(10);
    scenario.crashAt("10:00", CrashPoint.SESSIONS_PUBLISHED);
    loseCommitPoint();
    send(11);
    scenario.assertRefusedAt("11:00", Failure.Kind.BROKEN);
    // When it is rebuilt; then the next run continues, and reads known records again
    Recovered recovered = recover(scenario.topic().describe().earliest());
    assertTrue(scenario.tables().base().outOfSync());
    assertTrue(recovered.open() > 0);
    scenario.runAt("11:00");
    scenario.assertEqualToOracle();
    runHour(12);
    scenario.assertEqualToOracle();
  }

  @Test
  void aDroppedStagingTableIsRebuilt() {
    runHour(8);
    runHour(9);
    scenario.byHand("DROP TABLE ${open}");
    send(10);
    scenario.assertRefusedAt("10:00", Failure.Kind.BROKEN);
    recover(scenario.topic().describe().earliest());
    scenario.runAt("10:00");
    scenario.assertEqualToOracle();
  }

  @Test
  void tablesWithACommitPointAreNotRecovered() {
    runHour(8);
    Failure failure =
        assertThrows(Failure.class, () -> recover(scenario.topic().describe().earliest()));
    assertEquals(Failure.Kind.USAGE, failure.kind());
  }

  private Recovered recover(Offsets from) {
    KafkaTopics topics = scenario.topic().describe();
    return scenario.tables().recovery().execute("test", topics.ids(), from, Rules.DEFAULT);
  }

  private void loseCommitPoint() {
    service();
    scenario.forgetCommitPoint();
  }

  @Test
  void aChangeOfRowsBeforeAServiceIsStillKnown() {
    runHour(8);
    runHour(10);
    scenario.byHand("DELETE FROM ${sessions} WHERE uuid = 'walks through'");
    service();
    assertTrue(scenario.tables().base().outOfSync());
  }

  @Test
  void theCommitPointIsTheNewestRun() {
    runHour(8);
    runHour(9);
    String property =
        scenario.tables().load(scenario.names().open()).properties().get("sessionize.commit-point");
    assertTrue(property.contains("\"snapshotId\":" + scenario.snapshots().open() + ","), property);
    assertEquals(1, property.split("sessionize.run\"", -1).length - 1);
  }

  private void service() {
    scenario.compactAndExpire(scenario.names().sessions());
    scenario.compactAndExpire(scenario.names().open());
  }

  private void runHour(int hour) {
    send(hour);
    scenario.runAt(String.format("%02d:00", hour));
  }

  private void send(int hour) {
    String h = String.format("%02d:", hour - 1);
    scenario.send(
        click("ann", h + "05"),
        click("bob", h + "20"),
        // Late: it joins the session of bob that was published in the last hour.
        click("bob", String.format("%02d:30", hour - 2)).sentAt(h + "40"),
        click("walks through", h + "20"),
        click("walks through", h + "40"),
        click("walks through", h + "55").on(1));
  }
}
