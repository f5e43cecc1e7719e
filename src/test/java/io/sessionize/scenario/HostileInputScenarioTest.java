package io.sessionize.scenario;

import static io.sessionize.testing.TestClick.at;
import static io.sessionize.testing.TestClick.click;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sessionize.job.BatchReport;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.ScenarioTopic;
import io.sessionize.testing.TestClick;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HostileInputScenarioTest {
  private static final List<String> USERS =
      List.of(
          "O'Brien",
          "\"quoted\" `backticked` \\ backslashed",
          "x'; DROP TABLE user_sessions; --",
          "${target} {{ templated }} %s",
          "two\nlines\r\nand\ta tab",
          "a null \u0000 character",
          "Ünï 用户 пользователь مستخدم",
          "😀 👩‍👩‍👧",
          // They look the same, but are two users.
          "caf\u00e9",
          "cafe\u0301",
          "CAFÉ",
          " leading and trailing ",
          "null",
          "_session_",
          "_session_1772438400000",
          "x".repeat(10_000));

  private final Scenario scenario = new Scenario(2);

  @Test
  void everyUserIdIsKeptUnchanged() {
    // Given users with ids of every kind
    USERS.forEach(user -> scenario.send(click(user, "08:00"), click(user, "08:25").on(1)));
    scenario.runAt("08:26");
    scenario.assertEqualToOracle();
    // When their sessions are closed, and then restated by a late click
    scenario.send(click("clock", "10:00"), click("clock", "10:00").on(1));
    assertEquals(USERS.size(), scenario.runAt("10:01").sessions().added());
    USERS.forEach(user -> scenario.send(click(user, "08:10").page("late")));
    BatchReport late = scenario.runAt("10:02");
    // Then each user has one session
    assertEquals(USERS.size(), late.sessions().changed());
    USERS.forEach(
        user -> assertEquals(List.of("08:00-08:25 3 inactivity"), scenario.closed().of(user)));
    scenario.assertEqualToOracle();
    scenario.assertReportsCountEverything();
  }

  @Test
  void invalidRecordsAreStoredWithReasonAndCloseNoSession() {
    // Given one open session, and invalid records of each kind
    ScenarioTopic topic = scenario.topic();
    TestClick good = click("ann", "08:00");
    String json = new String(good.json(), UTF_8);
    long sent = at("08:01");
    topic.send(List.of(good, click("no key", "08:00").withoutKey().on(1)));
    topic.sendRejected("malformed", 0, "empty", new byte[0], sent);
    topic.sendRejected("malformed", 0, "null", "null".getBytes(UTF_8), sent);
    topic.sendRejected("malformed", 0, "blank", " \n".getBytes(UTF_8), sent);
    topic.sendRejected("malformed", 0, "array", ("[" + json + "]").getBytes(UTF_8), sent);
    topic.sendRejected(
        "malformed", 0, "truncated", Arrays.copyOf(good.json(), good.json().length - 1), sent);
    topic.sendRejected("malformed", 0, "twice", (json + json).getBytes(UTF_8), sent);
    topic.sendRejected("malformed", 1, "ISO 8859-1", click("Ünï", "08:00").json(ISO_8859_1), sent);
    topic.sendRejected("malformed", 1, "UTF-16", click("ann", "08:00").json(UTF_16LE), sent);
    topic.sendRejected("malformed", 1, "half a pair", bytes("{'uuid': '\\ud83d'}"), sent);
    topic.sendRejected("malformed", 1, "tombstone", null, sent);
    topic.sendRejected("malformed", 1, null, "no key".getBytes(UTF_8), sent);
    topic.sendRejected("malformed", 1, null, null, sent);
    topic.sendRejected("missing_uuid", 0, "k", bytes("{'event_timestamp': 1772438400000}"), sent);
    topic.sendRejected("missing_uuid", click(" \t", "08:00"));
    topic.sendRejected("missing_time", 0, "k", bytes("{'uuid': 'ann'}"), sent);
    topic.sendRejected(
        "malformed", 0, "k", bytes("{'uuid': 'ann', 'event_timestamp': '8 am'}"), sent);
    // Seconds in place of milliseconds
    topic.sendRejected(
        "before_2000", 0, "k", bytes("{'uuid': 'ann', 'event_timestamp': 1772438400}"), sent);
    // A wrong clock of a device, by more than the allowed skew and by a century
    topic.sendRejected("future_time", click("ann", "08:20:00.001").sentAt("08:10"));
    topic.sendRejected("future_time", click("ann", "2099-01-01T00:00").sentAt("08:10"));
    topic.sendRejected("future_time", click("ann", "2099-01-01T00:00").sentAt("08:10").on(1));
    topic.send(List.of(click("ann", "08:20").sentAt("08:10")));
    // When it is run
    BatchReport report = scenario.runAt("08:21");
    // Then each is in the rejected table unchanged, and has no other effect
    scenario.assertEqualToOracle();
    scenario.assertReportsCountEverything();
    assertEquals(
        Map.of(
            "malformed",
            13L,
            "missing_uuid",
            2L,
            "missing_time",
            1L,
            "before_2000",
            1L,
            "future_time",
            3L),
        report.read().rejected());
    assertEquals(23, report.read().records());
    assertEquals(0, report.sessions().added());
    assertEquals(List.of("08:00-08:20 2 inactivity"), scenario.open().of("ann"));
    assertEquals(at("07:50"), scenario.watermark());
  }

  private static byte[] bytes(String json) {
    return json.replace('\'', '"').getBytes(UTF_8);
  }
}
