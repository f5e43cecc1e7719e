package io.sessionize.scenario;

import static io.sessionize.testing.TestClick.click;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.job.BatchReport;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.Scenario.Snapshots;
import io.sessionize.testing.TestClick;
import java.time.Duration;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LatenessScenarioTest {
  @Test
  void lateClickIsAcceptedUpToTheHorizonAndRejectedBeyond() {
    // Given a week of sessions that are closed
    Scenario scenario = new Scenario(1).lateHorizon(Duration.ofDays(7));
    for (int day = 2; day <= 8; day++) {
      for (int user = 0; user < 5; user++) {
        scenario.send(click("user " + user, "2026-03-0" + day + "T11:30"));
      }
    }
    scenario.send(click("clock", "2026-03-09T12:00"));
    scenario.runAt("2026-03-09T12:01");
    assertEquals(35, scenario.closed().byId().size());

    // When one click is late; then one row of one day is written again, not the whole week
    scenario.send(click("user 3", "2026-03-04T11:50").sentAt("2026-03-09T12:02"));
    BatchReport one = scenario.runAt("2026-03-09T12:03");
    assertEquals(1, one.sessions().changed());
    Map<String, String> commit = scenario.lastCommitOfSessions();
    assertEquals("1", commit.get("added-records"));
    assertEquals("1", commit.get("added-position-deletes"));
    assertEquals("1", commit.get("changed-partition-count"));
    assertEquals(null, commit.get("deleted-data-files"));
    scenario.assertEqualToOracle();

    // When one click is late by exactly the horizon, and another one millisecond more
    Snapshots before = scenario.snapshots();
    scenario.send(click("user 1", "11:50").sentAt("2026-03-09T11:50"));
    scenario
        .topic()
        .sendRejected("beyond_horizon", click("user 2", "11:49:59.999").sentAt("2026-03-09T11:50"));
    BatchReport edge = scenario.runAt("2026-03-09T12:05");
    // Then the first is counted, and the second is in the rejected table
    assertEquals(Map.of("beyond_horizon", 1L), edge.read().rejected());
    assertEquals(1, edge.sessions().changed());
    assertEquals("11:30-11:50 2 inactivity", scenario.closed().of("user 1").get(0));
    assertEquals("11:30-11:30 1 inactivity", scenario.closed().of("user 2").get(0));
    assertTrue(scenario.snapshots().rejected() != before.rejected());
    scenario.assertEqualToOracle();
    scenario.assertReportsCountEverything();
  }

  @Test
  void partitionLaggingMoreThanTheHorizonLosesNothing() {
    // Given one partition nine days ahead of another, in one topic that takes several batches
    Scenario scenario = new Scenario(3).maxOffsets(40).lateHorizon(Duration.ofDays(7));
    List<TestClick> ahead = new ArrayList<>();
    List<TestClick> behind = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      String time = LocalTime.of(8, 0).plusMinutes(7L * i).toString();
      ahead.add(click("u" + i % 4, "2026-03-11T" + time));
      behind.add(click("u" + i % 5, time).on(1));
    }
    scenario.topic().send(ahead);
    scenario.topic().send(behind);
    scenario.send(click("quiet", "08:00").on(2));
    // When it is run
    BatchReport report = scenario.runAt("2026-03-12T00:00");
    // Then no click of the lagging partition was too late
    assertTrue(scenario.batches().size() > 2, scenario.batches().toString());
    assertEquals(121, report.read().events());
    scenario.assertEqualToOracle();
    scenario.assertReportsCountEverything();
  }

  @Test
  void reportCountsLateEventsAndChangedSessions() {
    // Given a session of an hour ago, one of today's morning and one of three days ago, all closed
    Scenario scenario = new Scenario(1).lateHorizon(Duration.ofDays(7));
    scenario.send(
        click("days", "2026-03-06T12:00"),
        click("hours", "2026-03-09T08:00"),
        click("minutes", "2026-03-09T11:10"),
        click("clock", "2026-03-09T12:10"));
    scenario.runAt("2026-03-09T12:11");
    // When clicks come late for each, and one on time, one twice and one broken
    TestClick twice = click("hours", "2026-03-09T08:05").sentAt("2026-03-09T12:12");
    scenario.send(
        click("days", "2026-03-06T11:50").sentAt("2026-03-09T12:12"),
        twice,
        twice,
        click("minutes", "2026-03-09T11:00:00.001").sentAt("2026-03-09T12:12"),
        click("hour", "2026-03-09T11:00").sentAt("2026-03-09T12:12"),
        click("day", "2026-03-08T12:00").sentAt("2026-03-09T12:12"),
        click("clock", "2026-03-09T12:12"));
    scenario
        .topic()
        .sendRejected("beyond_horizon", click("x", "2026-03-01T12:00").sentAt("2026-03-09T12:12"));
    Map<String, Long> counts = scenario.runAt("2026-03-09T12:13").counts();
    // Then they are counted separately, and the two sessions that now begin earlier have new ids
    assertEquals(8, counts.get("offsets"));
    assertEquals(8, counts.get("records"));
    assertEquals(1, counts.get("duplicates"));
    assertEquals(1, counts.get("on_time"));
    assertEquals(1, counts.get("late_under_1_hour"));
    assertEquals(3, counts.get("late_under_1_day"));
    assertEquals(2, counts.get("late_1_day_or_more"));
    assertEquals(1, counts.get("beyond_horizon"));
    assertEquals(2, counts.get("sessions_removed"));
    assertEquals(1, counts.get("sessions_changed"));
    scenario.assertEqualToOracle();
  }
}
