package io.sessionize.scenario;

import static io.sessionize.testing.TestClick.at;
import static io.sessionize.testing.TestClick.click;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.audit.Check;
import io.sessionize.audit.Diff;
import io.sessionize.audit.RunLog;
import io.sessionize.audit.SessionHistory;
import io.sessionize.audit.Status;
import io.sessionize.audit.Status.Answer;
import io.sessionize.audit.Status.Limits;
import io.sessionize.audit.proof.Proof;
import io.sessionize.audit.proof.ProofReport;
import io.sessionize.history.History;
import io.sessionize.job.BatchReport;
import io.sessionize.job.Recomputation;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Partition;
import io.sessionize.source.KafkaTopics;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.TestSpark;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/**
 * Given rows whose events were removed or made unreadable by hand. For each kind of damage there is
 * a user with a closed session and a user with an open one.
 */
class DamagedRowsScenarioTest {
  private static final int SHAPES = Shape.values().length;

  private final Scenario scenario = new Scenario(1);

  /** The damage of a row with three events. */
  enum Shape {
    NO_EVENTS("NULL"),
    NO_EVENT("slice(events, 1, 0)"),
    AN_EVENT_IS_NULL("transform(events, (e, i) -> IF(i = 1, NULL, e))"),
    ALL_EVENTS_ARE_NULL("transform(events, e -> IF(true, NULL, e))"),
    NO_ID(without("CAST(NULL AS STRING)", "e.event_time_ms")),
    NO_TIME(without("e.event_id", "CAST(NULL AS BIGINT)"));

    private final String events;

    Shape(String events) {
      this.events = events;
    }

    private static String without(String id, String time) {
      return "transform(events, (e, i) -> IF(i = 1, named_struct('event_id', "
          + id
          + ", 'event_time_ms', "
          + time
          + ", 'page_name', e.page_name, 'booking_details', e.booking_details, 'event_details',"
          + " e.event_details, 'order', e.`order`, 'definition', e.definition), e))";
    }

    private boolean leavesSomeEvents() {
      return this == AN_EVENT_IS_NULL || this == NO_ID || this == NO_TIME;
    }

    private String invariant() {
      return this == NO_EVENTS || this == NO_EVENT ? "events_missing" : "event_damaged";
    }

    /** The user whose open row has this damage. */
    private String open() {
      return name() + " open";
    }
  }

  DamagedRowsScenarioTest() {
    for (Shape shape : Shape.values()) {
      scenario.send(
          click(shape.name(), "08:00").id("a"),
          click(shape.name(), "08:10"),
          click(shape.name(), "08:20"),
          click(shape.open(), "11:30").id("d"),
          click(shape.open(), "11:35"),
          click(shape.open(), "11:40"));
    }
    scenario.send(click("bob", "08:00"), click("clock", "12:00"));
    scenario.runAt("12:01");
    for (Shape shape : Shape.values()) {
      damage("${sessions}", shape.name(), shape);
      damage("${open}", shape.open(), shape);
    }
  }

  @Test
  void runKeepsDamagedRowsAndBackfillReplacesThem() {
    List<Row> closed =
        rows("${sessions}", "session_start_time_ms = " + at("08:00") + " AND uuid <> 'bob'");
    List<Row> open = rows("${open}", "uuid <> 'clock'");
    assertEquals(SHAPES, closed.size());
    assertEquals(SHAPES, open.size());

    // A late event for each, an idle run, and an event that is on time
    for (Shape shape : Shape.values()) {
      scenario.send(click(shape.name(), "08:15"));
    }
    scenario.send(click("bob", "08:05"), click("clock", "12:10"));
    BatchReport run = scenario.runAt("12:11");
    assertEquals(2 * SHAPES, run.sessions().damaged());
    assertEquals(SHAPES + 1, run.sessions().open());
    assertEquals(SHAPES, run.sessions().added());
    scenario.runAt("13:30");
    for (Shape shape : Shape.values()) {
      scenario.send(click(shape.open(), "13:40"));
    }
    scenario.send(click("clock", "13:50"));
    assertEquals(SHAPES, scenario.runAt("13:51").sessions().damaged());
    assertEquals(2 * SHAPES + 1, count("${open}"));

    assertEquals(
        closed,
        rows("${sessions}", "session_start_time_ms = " + at("08:00") + " AND uuid <> 'bob'"));
    assertEquals(open, rows("${open}", "session_start_time_ms = " + at("11:30")));
    assertEquals(2L, rows("${sessions}", "uuid = 'bob'").get(0).<Long>getAs("event_count"));

    // Check reports them, in either table
    Map<String, String> named = new TreeMap<>();
    for (Shape shape : Shape.values()) {
      named.put(shape.name(), shape.invariant());
      named.put(shape.open(), shape.invariant());
    }
    assertEquals(named, violations());

    // A backfill without an event of theirs keeps them too
    long last =
        scenario.everything().to().getOrDefault(new Partition(scenario.topic().name(), 0), 0);
    assertEquals(
        SHAPES, scenario.backfill(range(last - 1, last), true).batch().sessions().damaged());
    assertEquals(0, scenario.backfill(scenario.everything(), true).batch().sessions().damaged());
    scenario.assertEqualToOracle();
    assertEquals(Map.of(), violations());
  }

  @Test
  void sessionWithTheSameIdReplacesADamagedRow() {
    for (Shape shape : Shape.values()) {
      scenario.send(click(shape.name(), "08:00").id("a"), click(shape.open(), "11:30").id("d"));
    }
    scenario.send(click("clock", "12:10"));
    assertEquals(0, scenario.runAt("12:11").sessions().damaged());
    for (Shape shape : Shape.values()) {
      boolean some = shape.leavesSomeEvents();
      assertEquals(
          List.of(some ? "08:00-08:20 2 inactivity" : "08:00-08:00 1 inactivity"),
          scenario.closed().of(shape.name()));
      assertEquals(
          List.of(some ? "11:30-11:40 2 inactivity" : "11:30-11:30 1 inactivity"),
          scenario.live().of(shape.open()));
    }
    assertEquals(Map.of(), violations());
  }

  @Test
  void recomputeRecreatesDamagedRowsFromReadableEvents() {
    BatchReport done = scenario.recompute(Recomputation.EVERYTHING, true).batch();
    Map<String, String> left = new TreeMap<>();
    for (Shape shape : Shape.values()) {
      if (!shape.leavesSomeEvents()) {
        left.put(shape.name(), shape.invariant());
        left.put(shape.open(), shape.invariant());
      } else {
        assertEquals(
            2L,
            rows("${sessions}", "uuid = '" + shape.name() + "'").get(0).<Long>getAs("event_count"));
        assertEquals(
            2L, rows("${open}", "uuid = '" + shape.open() + "'").get(0).<Long>getAs("event_count"));
      }
    }
    assertEquals(left, violations());
    assertEquals(left.size(), done.sessions().damaged());
    scenario.backfill(scenario.everything(), true);
    scenario.assertEqualToOracle();
  }

  @Test
  void readingCommandsDoNotFailOnDamagedRows() {
    String ann = Shape.NO_EVENTS.name();
    for (Shape shape : Shape.values()) {
      scenario.send(click(shape.name(), "08:15"));
    }
    scenario.send(click("clock", "12:10"));
    scenario.runAt("12:11");
    History history = new History(scenario.tables());

    Proof proof = scenario.proof();
    ProofReport last = proof.prove(proof.last(1).get(0));
    assertTrue(last.isProven(), last::toString);
    Set<String> altered = new TreeSet<>();
    proof.prove(proof.last(2).get(1)).differences().forEach(d -> altered.add(d.sessionId()));
    Set<String> damaged = new TreeSet<>();
    for (Shape shape : Shape.values()) {
      damaged.add(shape.name() + "_session_" + at("08:00"));
    }
    assertEquals(damaged, altered);

    try (Diff diff =
            new Diff(
                TestSpark.session(),
                scenario.tables(),
                history,
                history.commits().get(1),
                history.at(History.NOW, Instant.now()));
        SessionHistory of =
            new SessionHistory(
                TestSpark.session(), scenario.tables(), history, ann + "_session_" + at("08:00"))) {
      assertEquals(new Diff.Counts(SHAPES, 0, SHAPES, 0), diff.counts());
      assertEquals(2 * SHAPES, diff.rows().collectAsList().size());
      assertEquals(2, of.rows().collectAsList().size());
    }
    assertEquals(3 + SHAPES, RunLog.of(TestSpark.session(), history).collectAsList().size());
    KafkaTopics topic = scenario.topic().describe();
    Status status =
        Status.of(
            scenario.names().table(),
            scenario.tables().base(),
            null,
            new Answer(topic, topic.latest(), null),
            Limits.NONE,
            0,
            null,
            Instant.now());
    assertEquals(SHAPES + 1, status.open());
  }

  @Test
  void backfillPreviewShowsTheEventCountsOfDamagedRows() {
    assertEquals(
        Set.of("changed 0 > 3", "changed 3 > 3"),
        scenario.backfill(scenario.everything(), false).preview().sample().stream()
            .map(c -> c.change() + " " + c.eventsBefore() + " > " + c.eventsAfter())
            .collect(Collectors.toSet()));
  }

  private void damage(String table, String user, Shape shape) {
    scenario.byHand(
        String.format("UPDATE %s SET events = %s WHERE uuid = '%s'", table, shape.events, user));
  }

  private List<Row> rows(String table, String where) {
    return scenario.rows(
        String.format("SELECT * FROM %s WHERE %s ORDER BY session_id", table, where));
  }

  private long count(String table) {
    return scenario.count("SELECT count(*) FROM " + table);
  }

  private OffsetRange range(long from, long to) {
    String topic = scenario.topic().name();
    return new OffsetRange(Offsets.of(topic, Map.of(0, from)), Offsets.of(topic, Map.of(0, to)));
  }

  /** The users with damaged rows, and the damage, as check reports them. */
  private Map<String, String> violations() {
    Map<String, String> found = new TreeMap<>();
    new Check(TestSpark.session(), scenario.names(), recorded -> recorded)
        .violations()
        .where("invariant IN ('events_missing', 'event_damaged')")
        .collectAsList()
        .forEach(row -> found.put(row.getAs("uuid"), row.getAs("invariant")));
    return found;
  }
}
