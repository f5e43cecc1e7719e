package io.sessionize.scenario;

import static io.sessionize.testing.TestClick.at;
import static io.sessionize.testing.TestClick.click;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sessionize.job.BatchReport;
import io.sessionize.testing.Scenario;
import java.util.List;
import org.junit.jupiter.api.Test;

class IdleRunScenarioTest {
  private final Scenario scenario = new Scenario(2);

  @Test
  void idleRunClosesSessionsByTheClock() {
    // Given a click with a record timestamp two minutes later, and a run right after it
    scenario.send(click("ann", "08:00").sentAt("08:02"));
    scenario.runAt("08:05");
    assertEquals(List.of("08:00-08:00 1 inactivity"), scenario.open().of("ann"));

    // When no record arrives until the end of delay and timeout; then nothing is done
    scenario.assertNothingToDoAt("08:42");

    // When one more millisecond has passed; then the session is closed
    BatchReport silent = scenario.runAt("08:42:00.001");
    assertEquals(0, silent.read().records());
    assertEquals(1, silent.sessions().added());
    assertEquals(List.of("08:00-08:00 1 inactivity"), scenario.closed().of("ann"));
    assertEquals(List.of(), scenario.open().of("ann"));

    // And later runs have nothing to do
    scenario.assertNothingToDoAt("2026-03-20T08:00");

    // When a click of the idle time arrives; then its session is restated, not rejected
    scenario.send(click("ann", "08:20").sentAt("2026-03-20T08:00"));
    BatchReport restated = scenario.runAt("2026-03-20T08:01");
    assertEquals(1, restated.read().lateness().late());
    assertEquals(1, restated.sessions().changed());
    scenario.assertEqualToOracle();
    scenario.assertReportsCountEverything();
    scenario.assertNothingToDoAt("2026-03-20T08:01");
  }

  @Test
  void runWithOnlyRejectedRecordsIsIdle() {
    scenario.send(click("ann", "08:00"));
    scenario.runAt("08:05");
    scenario.topic().sendRejected("malformed", 1, null, new byte[0], at("09:00"));
    BatchReport report = scenario.runAt("09:05");
    assertEquals(1, report.read().records());
    assertEquals(1, report.sessions().added());
    scenario.assertEqualToOracle();
    scenario.assertReportsCountEverything();
  }
}
