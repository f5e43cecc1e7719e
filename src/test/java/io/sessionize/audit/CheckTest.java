package io.sessionize.audit;

import static io.sessionize.testing.TestClick.click;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.job.Batch;
import io.sessionize.job.CrashPoint;
import io.sessionize.job.Job;
import io.sessionize.session.Rules;
import io.sessionize.spark.SparkStore;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.TableNames;
import io.sessionize.table.SessionTables;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.TestSpark;
import io.sessionize.testing.TestTopic;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Breaks each invariant of the tables for a separate user, and checks that the rows are reported.
 */
class CheckTest {
  private static final long START = Instant.parse("2026-03-01T22:00:00Z").toEpochMilli();
  private static final long NOW = Instant.parse("2026-03-03T00:00:00Z").toEpochMilli();
  private static final long MINUTE = 60_000;

  private final TableNames names = TestSpark.uniqueNames();
  private final Job job = TestSpark.job(names, Rules.DEFAULT, NOW);

  @BeforeEach
  void twoSessionsOfEachUserAndAnOpenOne() {
    new SessionTables(TestSpark.session(), names)
        .create(RunSummary.start("test", Map.of("topic", "id"), Rules.DEFAULT));
    TestTopic topic = new TestTopic(NOW);
    for (String user : breakages().keySet()) {
      topic.click(user, START, "home");
      topic.click(user, START + 20 * MINUTE, "search");
      topic.click(user, START + 60 * MINUTE, "home");
    }
    topic.click("reader", START + 300 * MINUTE, "home");
    new Batch<>(new SparkStore(TestSpark.session(), job), job, CrashPoint.Probe.NONE)
        .run(topic.since(TestTopic.BEGIN));
  }

  @Test
  void tablesAfterRunsHaveNoViolation() {
    assertEquals(Map.of(), violations());
  }

  @Test
  void everyBrokenRowIsReportedWithItsInvariant() {
    Map<String, Set<String>> expected = new TreeMap<>();
    breakages()
        .forEach(
            (invariant, assignment) -> {
              TestSpark.session()
                  .sql(
                      String.format(
                          "UPDATE %s SET %s WHERE uuid = '%s' AND session_start_time_ms = %d",
                          names.sessions(), assignment, invariant, START));
              expected.put(invariant, Set.of(invariant));
            });
    TestSpark.session()
        .sql(
            String.format(
                "INSERT INTO %s SELECT * FROM %s WHERE uuid = 'id_twice' AND session_start_time_ms = %d",
                names.sessions(), names.sessions(), START));
    TestSpark.session().sql("UPDATE " + names.open() + " SET published = true");
    expected.put("reader", Set.of("published_differs"));

    Map<String, Set<String>> found = violations();
    expected.forEach(
        (user, invariants) ->
            assertEquals(
                true, found.getOrDefault(user, Set.of()).containsAll(invariants), user + found));
    assertEquals(expected.keySet(), found.keySet());
    try (RecentCheck recent = check().ofLastRuns(1)) {
      assertEquals(found, byUser(recent.violations()));
    }
  }

  @Test
  void checkFailsWithConflictAfterACrashBetweenCommits() {
    Scenario scenario = scenarioWithACrash(CrashPoint.SESSIONS_PUBLISHED);
    Failure failure = assertThrows(Failure.class, () -> check(scenario));
    assertEquals(Failure.Kind.CONFLICT, failure.kind());
    assertEquals(
        "Nothing was checked: a run of "
            + scenario.names().table()
            + " is between its two commits, or crashed there. The next run repairs it (after a recompute,"
            + " that recompute once more): check again then.",
        failure.getMessage());
    // The next run repairs it
    scenario.runAt("10:01");
    assertEquals(0, check(scenario).violations().count());
  }

  @Test
  void crashOutsideOfTheCommitsIsNoViolation() {
    assertEquals(0, check(scenarioWithACrash(CrashPoint.OPEN_WRITTEN)).violations().count());
    assertEquals(0, check(scenarioWithACrash(CrashPoint.OPEN_PUBLISHED)).violations().count());
  }

  @Test
  void commitDuringTheCheckIsIgnored() {
    Scenario scenario = scenarioWithACrash(CrashPoint.OPEN_WRITTEN);
    Check check = check(scenario);
    // A run that closes an open session, which moves from staging to the sessions table
    scenario.runAt("10:01");
    scenario.byHand("UPDATE ${sessions} SET event_count = 7");
    assertEquals(0, check.violations().count());
    assertTrue(check(scenario).violations().count() > 0);
  }

  @Test
  void maintenanceHidesNoCrashAndExternalChangeIsNoCrash() {
    Scenario crashed = scenarioWithACrash(CrashPoint.SESSIONS_PUBLISHED);
    crashed.maintain();
    assertThrows(Failure.class, () -> check(crashed));

    Scenario changed = scenarioWithACrash(CrashPoint.OPEN_WRITTEN);
    changed.byHand("UPDATE ${sessions} SET event_count = 7");
    changed.maintain();
    assertEquals(1, check(changed).violations().count());
  }

  @Test
  void recordedRulesAreTheDefaultAndOtherRulesFail() {
    Rules rules = new Rules(Duration.ofMinutes(45), Duration.ofHours(3), null, List.of("logout"));
    Scenario scenario = new Scenario(1).rules(rules);
    scenario.send(click("ann", "08:00"), click("ann", "08:40"), click("clock", "10:00"));
    scenario.runAt("10:01");
    assertEquals(0, check(scenario).violations().count());
    Failure failure =
        assertThrows(
            Failure.class,
            () -> new Check(TestSpark.session(), scenario.names(), recorded -> Rules.DEFAULT));
    assertEquals(Failure.Kind.USAGE, failure.kind());
  }

  private static Check check(Scenario scenario) {
    return new Check(TestSpark.session(), scenario.names(), recorded -> recorded);
  }

  /** A run closes a session, and a crashed run closes another one. */
  private static Scenario scenarioWithACrash(CrashPoint point) {
    Scenario scenario = new Scenario(1);
    scenario.send(click("ann", "08:00"), click("clock", "09:00"));
    scenario.runAt("09:01");
    scenario.send(click("ann", "08:10"), click("clock", "10:00"));
    scenario.crashAt("10:01", point);
    return scenario;
  }

  /** The invariant, which is also the name of the user, and the statement that breaks it. */
  private static Map<String, String> breakages() {
    String event =
        "named_struct('event_id', '%s', 'event_time_ms', %s, 'page_name', 'home',"
            + " 'booking_details', null, 'event_details', null,"
            + " 'order', CAST(null AS BIGINT), 'definition', 1)";
    String first = "events[0]";
    Map<String, String> breakages = new LinkedHashMap<>();
    breakages.put("events_missing", "events = array()");
    breakages.put("event_damaged", "events = array(" + first + ", NULL)");
    breakages.put("count_differs", "event_count = 7");
    breakages.put("start_differs", "session_start_time_ms = session_start_time_ms + 1");
    breakages.put("end_differs", "session_end_time_ms = session_end_time_ms + 1");
    breakages.put("duration_differs", "session_duration_seconds = 1");
    breakages.put("id_differs", "session_id = 'another'");
    breakages.put("pages_differ", "pages_visited = array('search', 'home')");
    breakages.put("event_twice", "events = concat(events, array(" + first + "))");
    breakages.put("events_unordered", "events = reverse(events)");
    breakages.put(
        "gap_inside",
        "events = array("
            + first
            + ", "
            + String.format(event, "x", "session_start_time_ms + 31 * 60000")
            + ")");
    breakages.put(
        "too_long",
        "events = array("
            + first
            + ", "
            + String.format(event, "x", "session_start_time_ms + 121 * 60000")
            + ")");
    breakages.put("rule_differs", "boundary_rule = 'class'");
    breakages.put("id_twice", "event_count = event_count");
    breakages.put("overlap", "session_end_time_ms = session_start_time_ms + 61 * 60000");
    breakages.put("cut_without_reason", "session_end_time_ms = session_start_time_ms + 50 * 60000");
    breakages.put("reason_differs", "close_reason = 'max_duration'");
    return breakages;
  }

  private Check check() {
    return new Check(TestSpark.session(), names, recorded -> recorded);
  }

  private Map<String, Set<String>> violations() {
    return byUser(check().violations());
  }

  private static Map<String, Set<String>> byUser(Dataset<Row> violations) {
    Map<String, Set<String>> found = new TreeMap<>();
    for (Row row : violations.select("uuid", "invariant").collectAsList()) {
      found.computeIfAbsent(row.getString(0), user -> new TreeSet<>()).add(row.getString(1));
    }
    return found;
  }
}
