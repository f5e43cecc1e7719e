package io.sessionize.scenario;

import static io.sessionize.testing.TestClick.at;
import static io.sessionize.testing.TestClick.click;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sessionize.job.BatchReport;
import io.sessionize.session.EventDetails;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.TestClick;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Input of users is never used as SQL, placeholder or path. */
class InjectionScenarioTest {
  private static final List<String> VALUES =
      List.of(
          "x'; DROP TABLE user_sessions; --",
          "' OR '1' = '1",
          "\\' OR 1 = 1 --",
          "`; DELETE FROM ${target}; --",
          "${target} ${changes} ${days} {} %s $1",
          "*/ UNION ALL SELECT * FROM user_sessions /*",
          "../../catalog.db",
          "$(touch injected) `touch injected`",
          "${jndi:ldap://127.0.0.1:1/x} ${env:HOME}",
          "two\nlines -- and\ra \u0000 character");

  private final Scenario scenario = new Scenario(2);

  @Test
  void hostileValuesAreKeptUnchangedInRestatedSessions() {
    // Given clicks with hostile values in every field of a client, and invalid records
    VALUES.forEach(value -> scenario.send(hostile(value, "08:00"), hostile(value, "08:25").on(1)));
    VALUES.forEach(
        value ->
            scenario
                .topic()
                .sendRejected("malformed", 0, value, value.getBytes(UTF_8), at("08:25")));
    scenario.runAt("08:26");
    scenario.assertEqualToOracle();
    // When their sessions are closed, and then restated by a late click
    scenario.send(click("clock", "10:00"), click("clock", "10:00").on(1));
    assertEquals(VALUES.size(), scenario.runAt("10:01").sessions().added());
    VALUES.forEach(value -> scenario.send(hostile(value, "08:10")));
    BatchReport late = scenario.runAt("10:02");
    // Then each session has the three clicks, and every rejected record is unchanged
    assertEquals(VALUES.size(), late.sessions().changed());
    VALUES.forEach(
        value -> {
          assertEquals(List.of("08:00-08:25 3 inactivity"), scenario.closed().of(value));
          assertEquals(List.of(List.of(value)), scenario.closed().pagesOf(value));
        });
    scenario.assertEqualToOracle();
    scenario.assertReportsCountEverything();
  }

  private static TestClick hostile(String value, String time) {
    return click(value, time)
        .id(value)
        .page(value)
        .booking(value)
        .details(new EventDetails(value, value, value));
  }
}
