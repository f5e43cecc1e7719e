package io.sessionize.scenario;

import static io.sessionize.testing.TestClick.at;
import static io.sessionize.testing.TestClick.click;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.job.CrashPoint;
import io.sessionize.testing.DriverProcess;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.Scenario.Snapshots;
import io.sessionize.testing.TestClick;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A driver is stopped with SIGSTOP in the middle of a batch. Another one, its retry, continues with
 * the same tables and checkpoint. Then the first one wakes up.
 */
class PausedDriverScenarioTest {
  private static final int CONFLICT = Failure.Kind.CONFLICT.exitCode();

  private static DriverProcess driver;

  private final Scenario scenario = new Scenario(2);

  @BeforeAll
  static void start() {
    driver = DriverProcess.start();
  }

  @AfterAll
  static void end() {
    try (DriverProcess last = driver) {
      assertEquals(CONFLICT, last.exitCode());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"SESSIONS_MERGED", "SESSIONS_PUBLISHED"})
  void pausedDriverDoesNotUndoLaterRuns(CrashPoint point) {
    stopAt(point);
    scenario.runAt("10:00");
    sendHour(10);
    scenario.runAt("11:00");
    scenario.assertEqualToOracle();
    wakesUpAndChangesNothing();
    sendHour(11);
    scenario.runAt("12:00");
    scenario.assertEqualToOracle();
  }

  @Test
  void driverPausedAfterItsCommitPointChangesNothing() {
    stopAt(CrashPoint.OPEN_PUBLISHED);
    sendHour(10);
    scenario.runAt("11:00");
    scenario.assertEqualToOracle();
    wakesUpAndChangesNothing();
    scenario.assertNothingToDoAt("11:00");
  }

  @Test
  void pausedDriverContinuesAfterACompaction() {
    stopAt(CrashPoint.SESSIONS_MERGED);
    scenario.compact(scenario.names().sessions());
    scenario.compact(scenario.names().open());
    driver.resume();
    DriverProcess.End end = driver.finish();
    assertEquals(0, end.exitCode(), end.message());
    scenario.assertEqualToOracle();
    scenario.assertNothingToDoAt("10:00");
  }

  @ParameterizedTest
  @EnumSource(names = {"SESSIONS_MERGED", "SESSIONS_PUBLISHED"})
  void pausedDriverIsRefusedAfterABackfill(CrashPoint point) {
    stopAt(point);
    scenario.backfill(scenario.everything(), true);
    wakesUpAndChangesNothing();
    scenario.runAt("10:00");
    scenario.assertEqualToOracle();
  }

  private void stopAt(CrashPoint point) {
    sendHour(8);
    scenario.runAt("09:00");
    sendHour(9);
    driver.runUpTo(point, scenario, "10:00");
    driver.stop();
  }

  private void wakesUpAndChangesNothing() {
    Snapshots before = scenario.snapshots();
    driver.resume();
    DriverProcess.End end = driver.finish();
    assertEquals(CONFLICT, end.exitCode(), end.message());
    assertTrue(end.message().startsWith("Another writer "), end.message());
    assertEquals(before, scenario.snapshots());
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
        click("walks through", h + ":20"),
        click("walks through", h + ":40"),
        click("walks through", h + ":55").on(1));
    scenario
        .topic()
        .sendRejected("malformed", 1, "key", ("hour " + h).getBytes(UTF_8), at(h + ":30"));
  }
}
