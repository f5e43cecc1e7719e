package io.sessionize.scenario;

import static io.sessionize.testing.TestClick.at;
import static io.sessionize.testing.TestClick.click;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sessionize.job.BatchReport;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.TestClick;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Given a producer with a wrong clock, so that the timestamps of both record and event are wrong.
 */
class WrongClockScenarioTest {
  private static final long NO_TIMESTAMP = -1;

  private final Scenario scenario = new Scenario(1);

  @ParameterizedTest
  @ValueSource(strings = {"2099-01-01T00:00", "2026-03-25T12:00"})
  void recordFromTheFutureRejectsNoOtherEvent(String lie) {
    // Given a catch-up of old data in small batches, with one such record in the middle
    scenario.maxOffsets(60);
    List<TestClick> clicks = new ArrayList<>();
    LocalDateTime time = LocalDateTime.parse("2026-03-02T08:00");
    for (int i = 0; i < 240; i++) {
      clicks.add(click("u" + i % 3, time.plusHours(2L * i).toString()));
    }
    clicks.add(100, click("liar", lie));
    scenario.topic().send(clicks);

    // When it is run
    BatchReport report = scenario.runAt("2026-03-25T12:05");

    // Then every event counts, also the wrong one, and none is rejected
    assertEquals(241, report.read().events());
    assertEquals(Map.of(), report.read().rejected());
    scenario.assertEqualToOracle();
    scenario.assertReportsCountEverything();
  }

  @Test
  void sessionOf2099IsKeptAndDoesNotAdvanceTheWatermark() {
    scenario.send(click("liar", "2099-01-01T00:00"), click("ann", "08:00"));
    scenario.runAt("08:05");
    assertEquals(at("07:50"), scenario.watermark());

    // Its partition does not delay the close of sessions, also in idle runs
    scenario.send(click("ann", "09:00"));
    assertEquals(1, scenario.runAt("09:05").sessions().added());
    assertEquals(1, scenario.runAt("10:05").sessions().added());
    assertEquals(
        List.of("2099-01-01T00:00-2099-01-01T00:00 1 inactivity"), scenario.open().of("liar"));
    scenario.assertEqualToOracle();
  }

  @Test
  void unknownRecordTimeRejectsNoEvent() {
    for (long unknown : new long[] {NO_TIMESTAMP, 0, at("08:00") / 1000, at("08:00") * 1_000_000}) {
      scenario.send(click("u" + unknown, "08:00").sentAt(unknown));
    }
    BatchReport report = scenario.runAt("08:05");
    assertEquals(4, report.read().events());
    assertEquals(at("07:50"), scenario.watermark());
    scenario.assertEqualToOracle();
  }
}
