package io.sessionize.scenario;

import static io.sessionize.testing.TestClick.click;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sessionize.job.CrashPoint;
import io.sessionize.testing.DriverProcess;
import io.sessionize.testing.DriverProcess.End;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.TestClick;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A topic that is years old, read for the first time. */
class ManyDaysScenarioTest {
  private static final int DAYS = 5_000;

  private final Scenario scenario = new Scenario(2);

  @Test
  void thousandsOfDaysFitIntoAGigabyte() {
    // Given a click and a rejected record on each of many days
    List<TestClick> clicks = new ArrayList<>();
    for (LocalDate day : TestClick.DAY.minusDays(DAYS).datesUntil(TestClick.DAY).toList()) {
      clicks.add(click("ann", day + "T08:00"));
    }
    List<Long> times = clicks.stream().map(TestClick::timeMs).toList();
    scenario.topic().sendRejected("malformed", 1, null, "broken".getBytes(UTF_8), times);
    scenario.topic().send(clicks);
    // When a process reads them that has too little memory for an open file per day
    try (DriverProcess driver = DriverProcess.start("1g")) {
      driver.runUpTo(CrashPoint.OPEN_PUBLISHED, scenario, "08:00");
      assertEquals(new End(0, ""), driver.finish());
    }
    // Then all of them are in the tables, each day in its own file
    scenario.assertEqualToOracle();
    assertEquals(
        DAYS - 1, scenario.count("SELECT count(DISTINCT partition) FROM ${sessions}.files"));
    assertEquals(DAYS - 1, scenario.count("SELECT count(*) FROM ${sessions}.files"));
  }
}
