package io.sessionize.maintenance;

import static io.sessionize.testing.TestClick.click;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sessionize.Failure;
import io.sessionize.job.CrashPoint;
import io.sessionize.job.Run;
import io.sessionize.maintenance.MaintenanceStep.Kind;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.Shown;
import io.sessionize.testing.TestSpark;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Given tables that are expired to the last snapshot with each maintenance. */
class MaintenanceScenarioTest {
  private final Scenario scenario = new Scenario(1);

  @Test
  void commitCompactExpireToTheLastSnapshotAndRunAgain() {
    // Given a closed session in each of six files, and a run that has just begun
    scenario.maxOffsets(1);
    for (int hour = 1; hour <= 6; hour++) {
      scenario.send(click("user " + hour, "0" + hour + ":10"));
    }
    scenario.send(click("clock", "08:00"));
    scenario.runAt("08:01");
    scenario.send(click("user 1", "01:30").sentAt("08:02"));
    // When they are compacted to one file and the base of that run is expired; then it ends with
    // a conflict
    Run<?> beside =
        scenario.newRun(
            TestSpark.session(),
            "08:02",
            scenario.checkpoint(),
            passed -> {
              if (passed == CrashPoint.BEGUN) {
                List<MaintenanceStep> steps = scenario.maintain();
                assertEquals(1, step(steps, Kind.DATA_FILES).after());
                assertEquals(1, step(steps, Kind.SNAPSHOTS).after());
              }
            });
    Throwable conflict = assertThrows(RuntimeException.class, () -> beside.execute(() -> false));
    assertEquals(Failure.Kind.CONFLICT, Shown.failure(conflict).kind());
    // And the next run continues, and reads the late click too
    scenario.maxOffsets(100);
    scenario.runAt("08:03");
    assertEquals(List.of("01:10-01:30 2 inactivity"), scenario.closed().of("user 1"));
    scenario.assertEqualToOracle();
  }

  @Test
  void aCrashBetweenTheCommitsIsRepairedAfterHistoryIsExpired() {
    scenario.send(click("ann", "08:00"), click("bob", "08:00"), click("clock", "09:00"));
    scenario.runAt("09:01");
    // Staging belongs to the snapshot before the current one of the sessions table
    scenario.send(click("ann", "08:20").sentAt("09:40"), click("clock", "09:40"));
    scenario.crashAt("09:41", CrashPoint.SESSIONS_PUBLISHED);
    compactByHand();
    scenario.maintain();
    compactByHand();
    scenario.maintain();
    scenario.runAt("09:42");
    scenario.assertEqualToOracle();
    // The same without a compaction in between
    scenario.send(click("bob", "08:20").sentAt("10:00"), click("clock", "10:00"));
    scenario.crashAt("10:01", CrashPoint.SESSIONS_PUBLISHED);
    scenario.maintain();
    scenario.runAt("10:02");
    scenario.assertEqualToOracle();
  }

  /** Compacts all files, small or not. */
  private void compactByHand() {
    scenario.byHand(
        "CALL local.system.rewrite_data_files("
            + "table => '${sessions}', options => map('rewrite-all', 'true'))");
  }

  private static MaintenanceStep step(List<MaintenanceStep> steps, Kind kind) {
    return steps.stream().filter(step -> step.kind() == kind).findFirst().orElseThrow();
  }
}
