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

/** Files and manifests rewritten by the tables' keeper, who does not wait for our runs to end. */
class CompactionScenarioTest {
  private final Scenario scenario = new Scenario(2);
  private int hour = 8;

  @Test
  void besideARunItCostsARetryAtMost() {
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
  void ofSessionsThatWereJustPublishedItIsSeenThrough() {
    nextHour();
    scenario.runAt(now());
    nextHour();
    runWith(CrashPoint.SESSIONS_PUBLISHED, scenario.names().sessions()).execute(() -> false);
    assertTablesBelongTogether();
    nextHour();
    scenario.runAt(now());
    scenario.assertEqualToOracle();
  }

  @Test
  void betweenTwoRunsItIsSeenThrough() {
    nextHour();
    scenario.runAt(now());
    scenario.compact(scenario.names().sessions());
    scenario.compact(scenario.names().open());
    assertTablesBelongTogether();
    scenario.assertNothingToDoAt(now());
    nextHour();
    scenario.runAt(now());
    scenario.assertEqualToOracle();
  }

  /** A run in the middle of which tables are compacted, when it has come so far. */
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

  /** As if nothing had come between their commits: else each user in staging is looked up. */
  private void assertTablesBelongTogether() {
    assertFalse(new SessionTables(TestSpark.session(), scenario.names()).base().apart());
  }

  private String now() {
    return String.format("%02d:00", hour);
  }

  /** Clicks of one hour, a late one among them, and what is none. */
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
