package io.sessionize.maintenance;

import static io.sessionize.testing.TestClick.at;
import static io.sessionize.testing.TestClick.click;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sessionize.Failure;
import io.sessionize.job.CrashPoint;
import io.sessionize.job.Run;
import io.sessionize.table.SessionTables;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.Shown;
import io.sessionize.testing.TestSpark;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Compacts the tables by hand while runs are in progress. */
class CompactionScenarioTest {
  private final Scenario scenario = new Scenario(2);
  private int hour = 8;

  @Test
  void aCompactionBesideARunCostsAtMostOneRetry() {
    nextHour();
    scenario.runAt(now());
    for (CrashPoint point : CrashPoint.values()) {
      nextHour();
      Run<?> run = runWith(point, scenario.names().sessions(), scenario.names().open());
      if (point.compareTo(CrashPoint.OPEN_PUBLISHED) >= 0) {
        run.execute(() -> false);
      } else {
        Throwable thrown = assertThrows(RuntimeException.class, () -> run.execute(() -> false));
        Failure failure = Shown.failure(thrown);
        assertEquals(Failure.Kind.CONFLICT, failure.kind(), failure.getMessage());
        scenario.runAt(now());
      }
      scenario.assertEqualToOracle();
    }
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
    AtomicBoolean passed = new AtomicBoolean();
    return scenario.newRun(
        TestSpark.session(),
        now(),
        scenario.checkpoint(),
        reached -> {
          if (reached == point && passed.compareAndSet(false, true)) {
            List.of(compacted).forEach(scenario::compact);
          }
        });
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
        click("bob", String.format("%02d:45", hour - 1)).sentAt(h + "40"),
        click("walks through", h + "20"),
        click("walks through", h + "40"),
        click("walks through", h + "55").on(1));
    scenario.topic().sendRejected("malformed", 1, "key", new byte[] {'x'}, at(h + "30"));
    hour++;
  }
}
