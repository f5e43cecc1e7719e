package io.sessionize.scenario;

import static io.sessionize.testing.TestClick.click;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sessionize.session.BoundaryRule;
import io.sessionize.session.Moment;
import io.sessionize.session.Rules;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.Sessions;
import io.sessionize.testing.TestClick;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Given users with clicks exactly on a boundary and one millisecond after it, and a constantly
 * active user; when four runs split the day between those clicks; then the boundaries follow the
 * rules.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BoundaryScenarioTest {
  private final Scenario scenario = new Scenario(1);
  private Sessions closed;

  @BeforeAll
  void sessionizeTheDay() {
    List<TestClick> day = new ArrayList<>();
    day.addAll(clicks("timeout", "08:00", "08:30"));
    day.addAll(clicks("timeout, past it", "08:00", "08:30:00.001"));
    day.addAll(clicks("timeout, across runs", "08:50", "09:20"));
    day.addAll(clicks("timeout, past it across runs", "08:50", "09:20:00.001"));
    day.addAll(clicks("maximum", "08:10", "08:40", "09:10", "09:40", "10:10"));
    day.addAll(
        clicks("maximum, past it", "08:10", "08:40", "09:10", "09:40", "09:50", "10:10:00.001"));
    for (LocalTime time = LocalTime.of(8, 0);
        !time.isAfter(LocalTime.of(15, 0));
        time = time.plusMinutes(10)) {
      day.add(click("never stops", time.toString()));
    }
    day.add(click("clock", "16:00"));
    day.sort(Comparator.comparingLong(TestClick::timeMs));
    for (String hour : List.of("09:00", "10:00", "13:15", "16:05")) {
      List<TestClick> before =
          day.stream().filter(click -> click.timeMs() < TestClick.at(hour)).toList();
      day.removeAll(before);
      scenario.topic().send(before);
      scenario.runAt(hour);
      scenario.assertEqualToOracle();
    }
    scenario.assertReportsCountEverything();
    closed = scenario.closed();
  }

  @Test
  void pauseOfExactlyTheTimeoutStaysInTheSession() {
    assertEquals(List.of("08:00-08:30 2 inactivity"), closed.of("timeout"));
    assertEquals(List.of("08:50-09:20 2 inactivity"), closed.of("timeout, across runs"));
  }

  @Test
  void pauseOneMillisecondOverTheTimeoutEndsTheSession() {
    assertEquals(
        List.of("08:00-08:00 1 inactivity", "08:30:00.001-08:30:00.001 1 inactivity"),
        closed.of("timeout, past it"));
    assertEquals(
        List.of("08:50-08:50 1 inactivity", "09:20:00.001-09:20:00.001 1 inactivity"),
        closed.of("timeout, past it across runs"));
  }

  @Test
  void sessionCanLastExactlyTheMaximum() {
    assertEquals(List.of("08:10-10:10 5 inactivity"), closed.of("maximum"));
  }

  @Test
  void clickOneMillisecondOverTheMaximumStartsASession() {
    assertEquals(
        List.of("08:10-09:50 5 max_duration", "10:10:00.001-10:10:00.001 1 inactivity"),
        closed.of("maximum, past it"));
  }

  @Test
  void sessionsOfAConstantlyActiveUserEndAtTheMaximum() {
    assertEquals(
        List.of(
            "08:00-10:00 13 max_duration",
            "10:10-12:10 13 max_duration",
            "12:20-14:20 13 max_duration",
            "14:30-15:00 4 inactivity"),
        closed.of("never stops"));
  }

  @Test
  void customRuleAndEndPageSplitSessionsInAnyRuns() {
    // Given sessions that end on a logout, and start on a landing page by a custom rule
    Scenario ruled =
        new Scenario(1)
            .rules(
                new Rules(
                    Rules.DEFAULT.inactivityTimeout(),
                    Rules.DEFAULT.maxDuration(),
                    OnLanding.class.getName(),
                    List.of("logout")));
    // When the clicks come in three runs, an early logout after all the rest
    ruled.send(
        click("ann", "08:00").page("landing"),
        click("ann", "08:05").page("search"),
        click("ann", "08:10").page("landing"),
        click("ann", "08:15").page("home"));
    ruled.runAt("08:16");
    ruled.send(
        click("ann", "08:20").page("logout"),
        click("ann", "08:20").page("landing"),
        click("ann", "08:25").page("home"),
        click("clock", "10:00"));
    ruled.runAt("10:01");
    assertEquals(
        List.of(
            "08:00-08:05 2 boundary",
            "08:10-08:15 2 boundary",
            "08:20-08:20 2 boundary",
            "08:25-08:25 1 inactivity"),
        ruled.closed().of("ann"));
    ruled.send(click("ann", "08:03").page("logout"));
    ruled.runAt("10:02");
    // Then clicks of the same time stay together, and the late logout splits a published session
    assertEquals(
        List.of(
            "08:00-08:03 2 boundary",
            "08:05-08:05 1 boundary",
            "08:10-08:15 2 boundary",
            "08:20-08:20 2 boundary",
            "08:25-08:25 1 inactivity"),
        ruled.closed().of("ann"));
    ruled.assertReportsCountEverything();
  }

  /** Starts a session on each landing page. */
  public static final class OnLanding implements BoundaryRule {
    @Override
    public boolean startsNewSession(List<Moment> session, Moment next) {
      return next.events().stream().anyMatch(event -> "landing".equals(event.pageName()));
    }
  }

  private static List<TestClick> clicks(String user, String... times) {
    return List.of(times).stream().map(time -> click(user, time)).toList();
  }
}
