package io.sessionize.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.audit.proof.PastRun;
import io.sessionize.audit.proof.Proof;
import io.sessionize.column.GivenColumns;
import io.sessionize.column.RecordedColumns;
import io.sessionize.column.WebSettings;
import io.sessionize.job.BatchReport;
import io.sessionize.job.Recomputation;
import io.sessionize.session.Event;
import io.sessionize.session.EventDetails;
import io.sessionize.session.Oracle;
import io.sessionize.session.Oracle.Click;
import io.sessionize.session.Rules;
import io.sessionize.session.Session;
import io.sessionize.source.KafkaTopics;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.TestClick;
import io.sessionize.testing.TestSpark;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/** Session columns follow from the events of their session, whatever comes late. */
class SessionColumnsScenarioTest {
  private static final String PURCHASES = "size(filter(events, e -> e.event_name = 'purchase'))";
  private static final String REVENUE =
      "aggregate(filter(events, e -> e.event_name = 'purchase'), 0D,"
          + " (sum, e) -> sum + coalesce(CAST(e.event_value AS DOUBLE), 0D))";
  private static final String THROWS =
      "IF(event_count % 2 = 0, element_at(events, 0).event_id, 'odd')";
  private static final String TYPES = "array_distinct(events.event_type)";
  private static final String ENTRY =
      "named_struct('page', events[0].page_name, 'seconds', session_duration_seconds)";

  /** What each column is, in another language. */
  private static final Map<String, Function<Session, Object>> ORACLE =
      Map.of(
          "purchases",
          session ->
              (int) session.events().stream().filter(SessionColumnsScenarioTest::buys).count(),
          "revenue",
          session -> {
            double sum = 0;
            for (Event event : session.events()) {
              if (buys(event)) {
                String value = event.details().value();
                sum += value.equals("free") ? 0 : Double.parseDouble(value);
              }
            }
            return sum;
          },
          "throws",
          session -> session.events().size() % 2 == 0 ? null : "odd",
          "types",
          session -> {
            List<String> types = new ArrayList<>();
            for (Event event : session.events()) {
              String type = event.details() == null ? null : event.details().type();
              if (!types.contains(type)) {
                types.add(type);
              }
            }
            return types;
          },
          "entry",
          session ->
              "[" + session.events().get(0).pageName() + "," + session.durationSeconds() + "]");

  private final Scenario scenario = new Scenario(1);
  private final List<Click> sent = new ArrayList<>();
  private final Random random = new Random(25);
  private long failed;

  private static boolean buys(Event event) {
    return event.details() != null && event.details().name().equals("purchase");
  }

  private static GivenColumns columns(String... namesAndSql) {
    TreeMap<String, String> columns = new TreeMap<>();
    for (int i = 0; i < namesAndSql.length; i += 2) {
      columns.put(namesAndSql[i], namesAndSql[i + 1]);
    }
    return new GivenColumns(true, columns, null);
  }

  private void send(TestClick click) {
    scenario.send(click);
    sent.add(click.click());
  }

  private void sendSome(int hour) {
    for (int i = 0; i < 30; i++) {
      int late = random.nextInt(6) == 0 ? random.nextInt(4) : 0;
      String time = String.format("%02d:%02d", hour - late, random.nextInt(60));
      TestClick click = TestClick.click("u" + random.nextInt(5), time);
      send(
          switch (random.nextInt(3)) {
            case 0 -> click.page("p" + random.nextInt(3));
            case 1 ->
                click.details(
                    new EventDetails(
                        "purchase", "shop", random.nextInt(4) == 0 ? "free" : "1" + i + ".25"));
            default -> click.details(new EventDetails("scroll", "t" + random.nextInt(2), "9"));
          });
    }
  }

  private BatchReport runAt(String time) {
    BatchReport report = scenario.runAt(time);
    failed += report.sessions().failedColumns();
    return report;
  }

  /** The values of a column in the live view, by session. */
  private Map<String, Object> values(String column) {
    Map<String, Object> values = new TreeMap<>();
    for (Row row :
        TestSpark.session()
            .table(scenario.names().live())
            .select("session_id", column)
            .collectAsList()) {
      Object value = row.get(1);
      values.put(
          row.getString(0),
          value instanceof Row struct
              ? struct.toString()
              : value instanceof scala.collection.Seq ? row.getList(1) : value);
    }
    return values;
  }

  private Map<String, Object> expected(String column) {
    Map<String, Object> values = new TreeMap<>();
    Oracle.sessions(sent, Rules.DEFAULT)
        .forEach((id, session) -> values.put(id, ORACLE.get(column).apply(session)));
    return values;
  }

  private void assertFollow(String... columns) {
    for (String column : columns) {
      assertEquals(expected(column), values(column), column);
    }
  }

  private RecordedColumns recorded() {
    return scenario.tables().base().columns();
  }

  private String properties() {
    return new TreeMap<>(
            scenario.tables().sessionsTable().properties().entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)))
        + scenario.tables().sessionsTable().schema().toString();
  }

  @Test
  void columnsFollowFromTheEventsOfTheirSession() {
    scenario.columns(columns("purchases", PURCHASES, "revenue", REVENUE, "throws", THROWS));
    sendSome(9);
    runAt("10:00");
    sendSome(10);
    runAt("11:00");
    assertFollow("purchases", "revenue", "throws");
    assertTrue(failed > 0);
    assertEquals(1, scenario.tables().base().progress().columns().complete());

    // When two columns are added and one is removed
    scenario.columns(columns("revenue", REVENUE, "throws", THROWS, "types", TYPES, "entry", ENTRY));
    sendSome(11);
    runAt("12:00");
    assertEquals(2, recorded().number());
    assertFollow("revenue", "throws");
    assertNullOrExpected("types");
    assertNullOrExpected("entry");
    Map<String, Object> purchases = values("purchases");
    assertTrue(purchases.values().stream().anyMatch(Objects::isNull));
    assertTrue(purchases.values().stream().anyMatch(Objects::nonNull));
    sendSome(12);
    scenario.columns(GivenColumns.NONE);
    runAt("13:00");
    assertFollow("revenue", "throws");
    assertEquals(1, scenario.tables().base().progress().columns().complete());

    // Then a recompute fills the older rows
    scenario.recompute(Recomputation.EVERYTHING, true);
    assertFollow("revenue", "throws", "types", "entry");
    assertEquals(2, scenario.tables().base().progress().columns().complete());
    assertEquals(
        "2:" + recorded().inUse().hash(),
        scenario.lastCommitOfSessions().get("sessionize.session-columns"));

    // When somebody alters a row, and a late event restates its session
    Session altered =
        Oracle.sessions(sent, Rules.DEFAULT).values().stream()
            .filter(session -> session.endMs() < TestClick.at("09:30"))
            .findFirst()
            .orElseThrow();
    scenario.byHand(
        "UPDATE ${sessions} SET revenue = -1, entry = NULL WHERE session_id = '"
            + altered.id()
            + "'");
    TestClick copy = TestClick.click(altered.uuid(), "09:00");
    send(
        new TestClick(
            copy.uuid(),
            altered.endMs(),
            copy.id(),
            "late",
            null,
            null,
            copy.key(),
            0,
            altered.endMs()));
    runAt("13:10");
    assertFollow("revenue", "throws", "types", "entry");

    // Then the runs are still proven
    Proof proof = scenario.proof();
    for (PastRun run : proof.last(100)) {
      assertEquals(List.of(), proof.prove(run).differences(), run.toString());
    }
    scenario.assertLiveEqualToOracle();
  }

  private void assertNullOrExpected(String column) {
    Map<String, Object> expected = expected(column);
    values(column)
        .forEach((id, value) -> assertTrue(value == null || value.equals(expected.get(id)), id));
    assertTrue(values(column).values().stream().anyMatch(Objects::nonNull), column);
  }

  @Test
  void aSetIsIncludedBesideOwnColumns() {
    WebSettings settings =
        new WebSettings(
            1, new TreeSet<>(), new TreeSet<>(Set.of("purchase")), new TreeSet<>(), 300);
    scenario.columns(
        new GivenColumns(true, new TreeMap<>(Map.of("purchases", PURCHASES)), settings));
    sendSome(9);
    runAt("10:00");
    sendSome(10);
    runAt("11:00");
    assertFollow("purchases");
    assertEquals(0, failed);
    Map<String, Object> entries = new TreeMap<>();
    Map<String, Object> events = new TreeMap<>();
    Oracle.sessions(sent, Rules.DEFAULT)
        .forEach(
            (id, session) -> {
              entries.put(
                  id, session.pagesVisited().isEmpty() ? null : session.pagesVisited().get(0));
              events.put(
                  id, session.events().stream().filter(event -> event.details() != null).count());
            });
    assertEquals(entries, values("entry_page"));
    assertEquals(
        events,
        new TreeMap<>(
            TestSpark.session()
                .table(scenario.names().live())
                .selectExpr(
                    "session_id", "aggregate(events_by_name, 0L, (sum, e) -> sum + e.count)")
                .collectAsList()
                .stream()
                .collect(Collectors.toMap(row -> row.getString(0), row -> row.getLong(1)))));
    // Other settings are another set
    scenario.columns(
        new GivenColumns(
            true,
            new TreeMap<>(Map.of("purchases", PURCHASES)),
            new WebSettings(
                1, new TreeSet<>(Set.of("page")), new TreeSet<>(), new TreeSet<>(), 300)));
    Failure refused = scenario.assertRefusedAt("11:01", Failure.Kind.USAGE);
    assertTrue(refused.getMessage().contains("the settings of the set web"), refused.getMessage());
    // A name of the set
    scenario.columns(new GivenColumns(true, new TreeMap<>(Map.of("entry_page", "'a'")), settings));
    refused = scenario.assertRefusedAt("11:02", Failure.Kind.USAGE);
    assertTrue(refused.getMessage().contains("entry_page"), refused.getMessage());
  }

  @Test
  void aChangedExpressionIsTakenInByARecomputeAlone() {
    scenario.columns(columns("pages", "size(pages_visited)"));
    send(TestClick.click("ann", "08:00"));
    send(TestClick.click("ann", "08:01").page("cart"));
    runAt("09:00");
    String before = properties();
    scenario.columns(columns("pages", "CAST(size(pages_visited) AS BIGINT) * 10"));
    Failure refused = scenario.assertRefusedAt("09:01", Failure.Kind.USAGE);
    assertTrue(refused.getMessage().contains("recompute --columns-only"), refused.getMessage());
    assertEquals(before, properties());
    // A removed column may not come back with another expression either
    scenario.columns(columns("one", "1"));
    runAt("09:02");
    scenario.columns(columns("one", "1", "pages", "0"));
    scenario.assertRefusedAt("09:03", Failure.Kind.USAGE);

    scenario.columns(columns("one", "1", "pages", "CAST(size(pages_visited) AS BIGINT) * 10"));
    scenario.recompute(Recomputation.EVERYTHING, true);
    assertEquals(List.of(20L), List.copyOf(values("pages").values()));
    assertEquals(3, recorded().number());
    // Narrower again: the column stays as wide as it is
    scenario.columns(columns("one", "1", "pages", "size(pages_visited)"));
    scenario.assertRefusedAt("09:04", Failure.Kind.USAGE);
  }

  @Test
  void aNameThatTheTablesHaveIsRefusedAndChangesNothing() {
    send(TestClick.click("ann", "08:00"));
    runAt("08:01");
    scenario.byHand("ALTER TABLE ${sessions} ADD COLUMN Team STRING");
    String before = properties();
    Scenario.Snapshots snapshots = scenario.snapshots();
    for (String[] wrong :
        new String[][] {
          {"team", "'a'", "has the name of column Team"},
          {"a", "now()", "session column a uses the function now"},
          {"a", "published", "names published"},
          {"a", "1", "b", "a + 1", "session column b names a"},
          {"a", "map('x', 1)", "is of type map<string,int>: a column cannot hold map"},
          {"a", "NULL", "cast it to a type"},
          {"a", "CAST(1 AS TINYINT)", "cast it to int"},
          {"a", "(SELECT 1)", "uses a query"},
          {"a", "sum(event_count)", "uses the function sum"},
          {"a", "uuid +", "is not a valid expression"},
        }) {
      String[] given = java.util.Arrays.copyOf(wrong, wrong.length - 1);
      scenario.columns(columns(given));
      Failure refused = scenario.assertRefusedAt("08:02", Failure.Kind.USAGE);
      String message = refused.getMessage();
      assertTrue(message.contains(wrong[wrong.length - 1]), message);
      assertEquals(1, message.lines().count(), message);
    }
    assertEquals(before, properties());
    assertEquals(snapshots, scenario.snapshots());
    assertFalse(scenario.tables().base().columns().number() > 0);
    // User-added columns keep their values beside session columns
    scenario.columns(columns("pages", "size(pages_visited)"));
    send(TestClick.click("ann", "08:05"));
    send(TestClick.click("clock", "09:55"));
    runAt("10:00");
    scenario.byHand("UPDATE ${sessions} SET Team = 'red'");
    send(TestClick.click("ann", "08:02").page("late"));
    runAt("10:01");
    assertEquals(
        Map.of("red", 2L),
        TestSpark.session().table(scenario.names().sessions()).collectAsList().stream()
            .filter(row -> row.getAs("Team") != null)
            .collect(
                Collectors.toMap(
                    row -> row.<String>getAs("Team"),
                    row -> (long) row.<Integer>getAs("pages"),
                    Long::sum,
                    LinkedHashMap::new)));
  }

  @Test
  void aRecoveryTakesTheColumnsOfTheSessionsTableThatStagingLacks() {
    scenario.columns(columns("pages", "size(pages_visited)"));
    send(TestClick.click("ann", "08:00"));
    runAt("08:01");
    scenario.byHand("ALTER TABLE ${open} UNSET TBLPROPERTIES ('sessionize.session-columns.1')");
    scenario.compactAndExpire(scenario.names().open());
    scenario.forgetCommitPoint();
    KafkaTopics topics = scenario.topic().describe();
    scenario.tables().recovery().execute("test", topics.ids(), topics.latest(), Rules.DEFAULT);
    scenario.columns(GivenColumns.NONE);
    send(TestClick.click("ann", "08:05").page("cart"));
    runAt("08:06");
    assertEquals(1, recorded().number());
    assertEquals(List.of(2), List.copyOf(values("pages").values()));
  }

  @Test
  void aColumnThatAUserAddsWhileTheNameIsTakenInIsRenamed() {
    send(TestClick.click("ann", "08:00"));
    runAt("08:01");
    assertEquals("1", schemaVersion());
    scenario.columns(columns("pages", "size(pages_visited)"));
    send(TestClick.click("ann", "08:02").page("cart"));
    runAt("08:03");
    // An older job would take the column for one that a user added
    assertEquals("2", schemaVersion());
    // When staging has taken it in, and then a user adds it to the sessions table
    scenario.byHand("ALTER TABLE ${sessions} UNSET TBLPROPERTIES ('sessionize.session-columns.1')");
    scenario.byHand("ALTER TABLE ${sessions} DROP COLUMN pages");
    scenario.byHand("ALTER TABLE ${sessions} ADD COLUMN Pages STRING");
    Failure refused = scenario.assertRefusedAt("08:04", Failure.Kind.USAGE);
    assertTrue(refused.getMessage().contains("RENAME COLUMN"), refused.getMessage());
    scenario.byHand("ALTER TABLE ${sessions} RENAME COLUMN Pages TO mine");
    send(TestClick.click("ann", "08:05").page("pay"));
    runAt("08:06");
    assertEquals(List.of(3), List.copyOf(values("pages").values()));
  }

  private String schemaVersion() {
    return scenario.sessionsTable().properties().get("sessionize.schema-version");
  }
}
