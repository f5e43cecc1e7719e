package io.sessionize.scenario;

import static io.sessionize.testing.TestClick.at;
import static io.sessionize.testing.TestClick.click;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sessionize.job.BatchReport;
import io.sessionize.testing.Scenario;
import java.util.List;
import org.junit.jupiter.api.Test;

class SilenceScenarioTest {
  private final Scenario scenario = new Scenario(2);

  @Test
  void anHourWithoutClicksClosesSessionsByTheRunsTimeAlone() {
    // Given a click that took two minutes to Kafka, and a run right after it
    scenario.send(click("ann", "08:00").sentAt("08:02"));
    scenario.runAt("08:05");
    assertEquals(List.of("08:00-08:00 1 inactivity"), scenario.open().of("ann"));

    // When nothing comes until delay and timeout are just over; then nothing is done
    scenario.assertNothingToDoAt("08:42");

    // When a millisecond more has passed; then the session is closed
    BatchReport silent = scenario.runAt("08:42:00.001");
    assertEquals(0, silent.records());
    assertEquals(1, silent.closed());
    assertEquals(List.of("08:00-08:00 1 inactivity"), scenario.closed().of("ann"));
    assertEquals(List.of(), scenario.open().of("ann"));

    // And later runs have nothing to do
    scenario.assertNothingToDoAt("2026-03-20T08:00");

    // When a click arrives that fell into the silence; then it is restated, not rejected
    scenario.send(click("ann", "08:20").sentAt("2026-03-20T08:00"));
    BatchReport restated = scenario.runAt("2026-03-20T08:01");
    assertEquals(1, restated.late());
    assertEquals(1, restated.restated());
    scenario.assertEqualToOracle();
    scenario.assertReportsCountEverything();
    scenario.assertNothingToDoAt("2026-03-20T08:01");
  }

  @Test
  void aRunThatFoundOnlyRejectedRecordsIsSilentToo() {
    scenario.send(click("ann", "08:00"));
    scenario.runAt("08:05");
    scenario.topic().sendRejected("malformed", 1, null, new byte[0], at("09:00"));
    BatchReport report = scenario.runAt("09:05");
    assertEquals(1, report.records());
    assertEquals(1, report.closed());
    scenario.assertEqualToOracle();
    scenario.assertReportsCountEverything();
  }
}
