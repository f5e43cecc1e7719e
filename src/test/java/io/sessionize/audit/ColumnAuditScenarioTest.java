package io.sessionize.audit;

import static io.sessionize.testing.TestClick.at;
import static io.sessionize.testing.TestClick.click;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.audit.proof.PastRun;
import io.sessionize.audit.proof.Proof;
import io.sessionize.audit.proof.ProofReport;
import io.sessionize.audit.proof.ProofReport.Difference;
import io.sessionize.column.GivenColumns;
import io.sessionize.history.Commit;
import io.sessionize.history.History;
import io.sessionize.job.ColumnRecompute;
import io.sessionize.job.CrashPoint;
import io.sessionize.job.Recomputation;
import io.sessionize.session.Rules;
import io.sessionize.source.KafkaTopics;
import io.sessionize.testing.Forgery;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.TestClick;
import io.sessionize.testing.TestDefinitions;
import io.sessionize.testing.TestSpark;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/** Check, diff, history and proof see the session columns. */
class ColumnAuditScenarioTest {
  private static final String PAGES = "size(pages_visited)";
  private static final String LAST = "element_at(events, -1).page_name";
  private static final String DIFFERS = "does not follow from its events: session column ";

  private static final ColumnRecompute.Listener LISTENER =
      new ColumnRecompute.Listener() {
        @Override
        public void left(int days) {}

        @Override
        public void filled(LocalDate day, long changed) {}
      };

  private final Scenario scenario = new Scenario(1);

  private static GivenColumns columns(String... namesAndSql) {
    TreeMap<String, String> columns = new TreeMap<>();
    for (int i = 0; i < namesAndSql.length; i += 2) {
      columns.put(namesAndSql[i], namesAndSql[i + 1]);
    }
    return new GivenColumns(true, columns, null);
  }

  /** Closed sessions of ann and bob, and an open one of clock. */
  private void firstRun() {
    scenario.send(
        click("ann", "08:00").page("home"),
        click("ann", "08:10").page("cart"),
        click("bob", "08:00").page("home"),
        click("clock", "10:00").page("clock"));
    scenario.runAt("10:01");
  }

  @Test
  void checkNamesARowWhoseColumnDoesNotFollowUntilARecomputeRepairsIt() {
    scenario.columns(columns("pages", PAGES, "last", LAST));
    firstRun();
    assertFound();
    scenario.byHand("UPDATE ${sessions} SET pages = 9, last = 'x' WHERE uuid = 'ann'");
    scenario.byHand("UPDATE ${sessions} SET last = NULL WHERE uuid = 'bob'");
    scenario.byHand("UPDATE ${open} SET pages = NULL");
    assertFound("ann last, pages", "bob last", "clock pages");

    scenario.recompute(new Recomputation(null, null, Set.of("ann")), true);
    assertFound();
    // A damaged row is reported as such alone
    scenario.byHand("UPDATE ${sessions} SET events = array(), last = 'x' WHERE uuid = 'bob'");
    assertEquals(Set.of("bob events_missing"), found(check().violations()));
  }

  @Test
  void olderRowsOfANewColumnAreNullAndOfAChangedOneAnything() {
    scenario.columns(columns("pages", PAGES));
    firstRun();
    scenario.columns(columns("pages", PAGES, "last", LAST));
    scenario.send(click("dan", "09:00").page("home"), click("clock", "11:00").page("clock"));
    scenario.runAt("11:01");
    assertFound();
    // A value that does not follow is wrong in any row; null is only in a row of staging
    scenario.byHand("UPDATE ${sessions} SET last = 'x' WHERE uuid = 'ann'");
    scenario.byHand("UPDATE ${sessions} SET pages = NULL WHERE uuid = 'bob'");
    scenario.byHand("UPDATE ${open} SET last = NULL");
    assertFound("ann last", "bob pages", "clock last");

    scenario.recompute(Recomputation.EVERYTHING, true);
    assertFound();
    scenario.byHand("UPDATE ${sessions} SET last = NULL WHERE uuid = 'bob'");
    assertFound("bob last");
    // Without the column nothing is demanded, and its values are ignored
    scenario.columns(columns("pages", PAGES, "size", "event_count"));
    scenario.send(click("clock", "12:00").page("clock"));
    scenario.runAt("12:01");
    assertFound();
  }

  @Test
  void rowsOfFilledDaysHaveTheValue() {
    scenario.columns(columns("pages", PAGES));
    scenario.send(click("ann", "2026-03-01T08:00").page("home"), click("bob", "08:00"));
    scenario.send(click("clock", "10:00").page("clock"));
    scenario.runAt("10:01");
    assertEquals(new ColumnFilling(1, true, null), filling());
    scenario.columns(columns("pages", "size(events)", "last", LAST));
    AtomicInteger days = new AtomicInteger();
    ColumnRecompute<?> fill =
        scenario.columnRecompute(
            LISTENER,
            point -> {
              if (point == CrashPoint.OPEN_WRITTEN && days.incrementAndGet() == 2) {
                throw new UnsupportedOperationException();
              }
            });
    assertThrows(UnsupportedOperationException.class, fill::execute);
    assertEquals(new ColumnFilling(2, false, LocalDate.parse("2026-03-01")), filling());
    assertFound();
    scenario.byHand("UPDATE ${sessions} SET pages = 9, last = NULL");
    assertFound("ann pages, last");
    scenario.byHand("UPDATE ${sessions} SET last = 'x'");
    assertFound("ann pages, last", "bob last");
    // After a recovery nobody knows which rows are filled
    scenario.byHand("DROP TABLE ${open}");
    KafkaTopics topics = scenario.topic().describe();
    scenario.tables().recovery().execute("test", topics.ids(), topics.latest(), Rules.DEFAULT);
    assertEquals(2, scenario.tables().base().columns().number());
    assertEquals(new ColumnFilling(2, false, null), filling());
    scenario.byHand("UPDATE ${sessions} SET last = NULL");
    scenario.send(click("clock", "2026-03-04T10:00").page("clock"));
    scenario.columns(GivenColumns.NONE);
    scenario.runAt("2026-03-04T10:01");
    assertFound();
    assertEquals(1, scenario.count("SELECT count(*) FROM ${open} WHERE last = 'clock'"));
    scenario.byHand("UPDATE ${open} SET last = NULL");
    assertFound("clock last");
  }

  private ColumnFilling filling() {
    return ColumnFilling.of(scenario.tables().base());
  }

  private void sendWithAim(TestClick click) {
    String json = new String(click.json(), UTF_8);
    String aimed = json.substring(0, json.length() - 1) + ", \"aim\": \"buy\"}";
    scenario.topic().send(click, aimed.getBytes(UTF_8));
  }

  private Check check() {
    return new Check(TestSpark.session(), scenario.names(), recorded -> recorded);
  }

  /** Both checks find the rows of these users with these columns, and nothing else. */
  private void assertFound(String... usersAndColumns) {
    assertEquals(new TreeSet<>(Set.of(usersAndColumns)), found(check().violations()));
    try (RecentCheck recent = check().ofLastRuns(100)) {
      assertEquals(new TreeSet<>(Set.of(usersAndColumns)), found(recent.violations()));
    }
  }

  private static Set<String> found(Dataset<Row> violations) {
    Set<String> found = new TreeSet<>();
    for (Row row : violations.select("uuid", "invariant", "detail").collectAsList()) {
      String detail = row.getString(2);
      found.add(
          row.getString(0)
              + " "
              + (row.getString(1).equals("column_differs")
                  ? detail.substring(DIFFERS.length())
                  : row.getString(1)));
    }
    return found;
  }

  @Test
  void diffAndHistoryShowOldAndNewValues() {
    firstRun();
    scenario.columns(
        columns("pages", PAGES, "last", LAST, "entry", "named_struct('page', pages_visited[0])"));
    scenario.send(
        click("ann", "08:20").page("paid"), click("clock", "10:30").page("clock").sentAt("10:30"));
    scenario.runAt("10:31");
    scenario.definition(TestDefinitions.withTexts(scenario.topic().name(), "aim"));
    sendWithAim(click("ann", "08:25").page("bye"));
    scenario.send(click("clock", "11:30").page("clock"));
    scenario.runAt("11:31");
    scenario.byHand("UPDATE ${sessions} SET last = 'x' WHERE uuid = 'ann'");

    List<Map<String, Row>> changes = history("ann");
    assertEquals(4, changes.size());
    // Before the column, each value is null
    assertEquals("null -> 3", oldAndNew(changes.get(1), "pages"));
    assertEquals("null -> paid", oldAndNew(changes.get(1), "last"));
    assertEquals("null -> {\"page\":\"home\"}", oldAndNew(changes.get(1), "entry"));
    assertEquals("3 -> 4", oldAndNew(changes.get(2), "pages"));
    assertEquals("paid -> bye", oldAndNew(changes.get(2), "last"));
    assertFalse(changes.get(2).containsKey("entry"), changes.get(2).toString());
    assertEquals(Set.of("last"), changes.get(3).keySet());

    History commits = new History(scenario.tables());
    List<Commit> all = commits.commits();
    try (Diff diff =
        new Diff(
            TestSpark.session(),
            scenario.tables(),
            commits,
            all.get(1),
            commits.at(History.NOW, Instant.now()))) {
      Row ann = diff.rows().where("uuid = 'ann'").head();
      Map<String, Row> columns = ann.getJavaMap(ann.fieldIndex("columns"));
      assertEquals("null -> 4", oldAndNew(columns, "pages"));
      assertEquals("null -> x", oldAndNew(columns, "last"));
    }
    // The user's changes include the commit that changed a session column alone
    Explanation.UserSession explained =
        new Explainer(TestSpark.session(), scenario.tables())
            .explain("ann", null, null, 100)
            .sessions()
            .get(0);
    assertEquals(
        List.of("added", "changed", "changed", "changed"),
        explained.changes().stream().map(Explanation.RowChange::change).toList());
    assertEquals("{\"entry\":{\"page\":\"home\"},\"last\":\"x\",\"pages\":4}", explained.columns());
    assertEquals(
        List.of(Map.of(), Map.of(), Map.of(), Map.of("aim", "buy")),
        explained.events().stream().map(Explanation.UserEvent::properties).toList());
  }

  private List<Map<String, Row>> history(String user) {
    String id = user + "_session_" + at("08:00");
    try (SessionHistory history =
        new SessionHistory(
            TestSpark.session(), scenario.tables(), new History(scenario.tables()), id)) {
      return history.rows().collectAsList().stream()
          .map(
              row ->
                  row.isNullAt(row.fieldIndex("columns"))
                      ? Map.<String, Row>of()
                      : row.<String, Row>getJavaMap(row.fieldIndex("columns")))
          .toList();
    }
  }

  private static String oldAndNew(Map<String, Row> columns, String name) {
    Row values = columns.get(name);
    return values == null ? "unchanged" : values.getString(0) + " -> " + values.getString(1);
  }

  @Test
  void runsAreProvenWithTheColumnsOfTheirTime() {
    firstRun();
    scenario.columns(columns("pages", PAGES));
    scenario.send(click("ann", "08:20").page("paid"), click("clock", "10:30").page("clock"));
    scenario.runAt("10:31");
    scenario.columns(columns("last", LAST));
    scenario.send(
        click("ann", "08:25").page("bye"),
        click("dan", "09:30").page("home"),
        click("clock", "11:30").page("clock"));
    scenario.runAt("11:31");
    scenario.recompute(Recomputation.EVERYTHING, true);
    assertDifferences(0, 4);

    // Then a value that is altered by hand is a difference, in both tables
    scenario.byHand("UPDATE ${sessions} SET last = 'x' WHERE uuid = 'dan'");
    scenario.byHand("UPDATE ${open} SET last = 'x'");
    // A column that is not in use any more is not compared
    scenario.byHand("UPDATE ${sessions} SET pages = 9 WHERE uuid = 'ann'");
    assertDifferences(2, 4);

    // And so is one that a faulty run has published
    scenario.recompute(Recomputation.EVERYTHING, true);
    scenario.send(click("eve", "11:40").page("home"), click("clock", "12:30").page("clock"));
    scenario.runAt("12:31");
    assertDifferences(0, 1);
    new Forgery(scenario)
        .republish(
            "UPDATE ${sessions} SET last = 'x' WHERE uuid = 'eve'",
            "UPDATE ${open} SET last = NULL");
    List<String> found = whats(scenario.proof().prove(scenario.proof().last(1).get(0)));
    assertTrue(
        found.containsAll(
            List.of("as published: differs in last", "staging as of the run: differs in last")),
        found.toString());
  }

  private void assertDifferences(int expected, int runs) {
    Proof proof = scenario.proof();
    List<PastRun> last = proof.last(runs);
    assertEquals(runs, last.size());
    Set<String> differences = new TreeSet<>();
    for (PastRun run : last) {
      ProofReport report = proof.prove(run);
      assertTrue(report.isProven() || report.isRefuted(), report.toString());
      report.differences().forEach(one -> differences.add(one.sessionId() + " " + one.what()));
    }
    assertEquals(expected, differences.size(), differences.toString());
  }

  private static List<String> whats(ProofReport report) {
    return report.differences().stream().map(Difference::what).toList();
  }
}
