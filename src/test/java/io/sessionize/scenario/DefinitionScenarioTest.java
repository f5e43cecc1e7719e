package io.sessionize.scenario;

import static io.sessionize.testing.TestClick.click;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.audit.Check;
import io.sessionize.audit.proof.PastRun;
import io.sessionize.audit.proof.Proof;
import io.sessionize.audit.proof.ProofReport.Evidence;
import io.sessionize.column.ColumnIntake;
import io.sessionize.event.Definition;
import io.sessionize.event.Definitions;
import io.sessionize.event.GivenDefinition;
import io.sessionize.job.CrashPoint;
import io.sessionize.job.Recomputation;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Property;
import io.sessionize.session.PropertyType;
import io.sessionize.session.Rules;
import io.sessionize.source.KafkaTopics;
import io.sessionize.table.Sql;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.Scenario.Snapshots;
import io.sessionize.testing.TestClick;
import io.sessionize.testing.TestDefinitions;
import io.sessionize.testing.TestSpark;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/** Given tables, and a definition that differs from the one that they record. */
class DefinitionScenarioTest {
  private static final Property CAMPAIGN = new Property("campaign", PropertyType.STRING);
  private static final Property PRICE = new Property("price", PropertyType.decimal(6, 2));

  private final Scenario scenario = new Scenario(1);

  private Definition with(Property... properties) {
    return TestDefinitions.with(scenario.topic().name(), properties);
  }

  private void send(TestClick click, String campaign, String price) {
    String json = new String(click.json(), UTF_8);
    String fields = ", \"campaign\": " + campaign + ", \"price\": " + price + "}";
    scenario.topic().send(click, (json.substring(0, json.length() - 1) + fields).getBytes(UTF_8));
  }

  /** The events of the live view: user, definition, and these properties. */
  private String events(String... properties) {
    String columns =
        Arrays.stream(properties).map(name -> ", e." + name).collect(Collectors.joining());
    return TestSpark.session()
        .sql(
            String.format(
                "SELECT uuid, e.definition%s FROM (SELECT uuid, explode(events) AS e FROM %s)"
                    + " ORDER BY uuid, e.event_time_ms",
                columns, scenario.names().live()))
        .collectAsList()
        .stream()
        .map(Row::toString)
        .collect(Collectors.joining(" "));
  }

  private Definitions recorded() {
    return scenario.tables().base().definitions();
  }

  private void assertProven(int runs) {
    Proof proof = scenario.proof();
    List<PastRun> all = proof.last(100);
    assertEquals(runs, all.size());
    for (PastRun run : all) {
      var report = proof.prove(run);
      assertEquals(List.of(), report.differences(), run.toString());
      assertEquals(Evidence.KAFKA, report.evidence(), report.reason());
    }
    assertEquals(
        List.of(),
        new Check(TestSpark.session(), scenario.names(), rules -> rules)
            .violations()
            .collectAsList());
  }

  @Test
  void aBackfillFillsAPropertyThatWasAddedLater() {
    // Given a closed session and an open one, from records with fields that nobody has asked for
    send(click("ann", "08:00"), "\"spring\"", "1.5");
    send(click("bob", "08:58"), "\"summer\"", "2");
    scenario.runAt("09:10");
    scenario.send(click("clock", "09:30"));
    scenario.runAt("09:41");
    assertEquals("[ann,1] [bob,1] [clock,1]", events());
    long before = scenario.snapshots().sessions();
    // When properties are added; then new events have them, in both tables and the view
    scenario.definition(with(CAMPAIGN, PRICE));
    send(click("bob", "09:40"), "\"autumn\"", "3.255");
    scenario.runAt("09:51");
    assertEquals(
        "[ann,1,null,null] [bob,1,null,null] [bob,2,autumn,null] [clock,1,null,null]",
        events("campaign", "price"));
    // A dry run and a recompute read no definition of their own
    scenario.backfill(scenario.everything(), false);
    scenario.recompute(Recomputation.EVERYTHING, true);
    // When all is backfilled, with the recorded definition
    scenario.definition(null);
    scenario.backfill(scenario.everything(), true);
    // Then the older events have them too
    assertEquals(
        "[ann,2,spring,1.50] [bob,2,summer,2.00] [bob,2,autumn,null] [clock,2,null,null]",
        events("campaign", "price"));
    assertEquals(2, recorded().number());
    assertProven(4);
    // And the statement that compares snapshots finds them, also with other columns
    List<Row> changed =
        TestSpark.session()
            .sql(
                Sql.named("audit/changes")
                    .with(scenario.names())
                    .with("from_snapshot", Long.toString(before))
                    .with("to_snapshot", Long.toString(scenario.snapshots().sessions()))
                    .with("day", TestClick.DAY.toString())
                    .text())
            .collectAsList();
    assertEquals(
        List.of("changed ann", "added bob"),
        changed.stream().map(row -> row.getString(0) + " " + row.getString(2)).toList());
  }

  @Test
  void propertiesAreRemovedMovedAndWidened() {
    scenario.definition(with(CAMPAIGN, PRICE));
    send(click("ann", "08:00"), "\"spring\"", "1234567.25");
    scenario.runAt("08:10");
    assertEquals("[ann,1,spring,null]", events("campaign", "price"));
    // When a property is removed, another one is wider, and a backfill brings a third one
    Property wider = new Property("price", PropertyType.decimal(9, 2));
    Property age = new Property("age", PropertyType.LONG);
    scenario.definition(with(age, wider));
    send(click("ann", "08:11"), "\"summer\"", "1234567.5");
    Failure refused =
        assertThrows(Failure.class, () -> scenario.backfill(scenario.everything(), false));
    assertEquals(Failure.Kind.USAGE, refused.kind(), refused.getMessage());
    assertThrows(Failure.class, () -> scenario.recompute(Recomputation.EVERYTHING, true));
    assertEquals(1, recorded().number());
    scenario.backfill(scenario.everything(), true);
    scenario.runAt("08:12");
    // Then the column stays, and the older event has lost its value: it was decoded again
    assertEquals(
        "[ann,2,null,1234567.25,null] [ann,2,null,1234567.50,null]",
        events("campaign", "price", "age"));
    assertProven(3);
    // The definitions survive what other engines do
    scenario.compactAndExpire(scenario.names().open());
    scenario.expireAll(scenario.names().sessions());
    scenario.definition(null);
    send(click("ann", "08:13"), "\"autumn\"", "7");
    scenario.runAt("08:14");
    assertEquals(2, recorded().number());
    assertTrue(events("price").endsWith("[ann,2,7.00]"), events("price"));
  }

  @Test
  void aDefinitionThatTheTablesCannotTakeInIsRefused() {
    scenario.definition(with(PRICE));
    send(click("ann", "08:00"), "null", "1.5");
    scenario.runAt("08:10");
    Definition first = with(PRICE);
    for (Definition other :
        List.of(
            with(new Property("price", PropertyType.STRING)),
            with(PRICE, new Property("page_name", PropertyType.STRING)),
            new Definition(1, first.topics(), new TreeSet<>(List.of("nil"))))) {
      scenario.definition(other);
      scenario.assertRefusedAt("08:11", Failure.Kind.USAGE);
    }
    scenario.definition(with(PRICE, CAMPAIGN));
    send(click("ann", "08:02"), "\"spring\"", "2.5");
    Snapshots before = scenario.snapshots();
    scenario.runAt("08:12");
    // An old container beside a new one
    scenario.definition(first);
    Failure older = scenario.assertRefusedAt("08:13", Failure.Kind.USAGE);
    assertTrue(older.getMessage().contains("definition 2"), older.getMessage());
    // A definition keeps its number after a rollback
    scenario.rollBackSessions(before);
    scenario.rollBackOpen(before);
    scenario.definition(with(PRICE, CAMPAIGN));
    scenario.runAt("08:14");
    assertEquals(2, recorded().number());
    assertEquals("[ann,1,null] [ann,2,spring]", events("campaign"));
    // A field that nobody has taken in is refused
    scenario.byHand("ALTER TABLE ${sessions} ADD COLUMN events.element.other STRING");
    scenario.assertRefusedAt("08:15", Failure.Kind.BROKEN);
  }

  @Test
  void anotherDriverMayTakeInADefinitionMeanwhile() {
    send(click("ann", "08:00"), "\"spring\"", "1.5");
    scenario.runAt("08:01");
    send(click("ann", "08:02"), "\"summer\"", "1.5");
    GivenDefinition other = new GivenDefinition(with(CAMPAIGN));
    boolean[] taken = {false};
    CrashPoint.Probe meanwhile =
        point -> {
          if (point == CrashPoint.DECODED && !taken[0]) {
            taken[0] = true;
            scenario.tables().create(scenario.tables().base().open(), other, ColumnIntake.NOTHING);
          }
        };
    // When it commits no row: this run continues under the definition that it began with
    scenario
        .newRun(TestSpark.session(), "08:03", scenario.checkpoint(), meanwhile)
        .execute(() -> false);
    assertTrue(taken[0]);
    assertEquals("[ann,1,null] [ann,1,null]", events("campaign"));
    assertEquals(2, recorded().number());
    // Then the next one follows
    send(click("ann", "08:04"), "\"autumn\"", "1.5");
    scenario.runAt("08:05");
    assertEquals("[ann,1,null] [ann,1,null] [ann,2,autumn]", events("campaign"));
    assertProven(3);
    // A definition that is gone leaves no evidence
    scenario.byHand("ALTER TABLE ${open} UNSET TBLPROPERTIES ('sessionize.definition.1')");
    Proof proof = scenario.proof();
    var report = proof.prove(proof.last(3).get(2));
    assertEquals(Evidence.NONE, report.evidence());
    assertFalse(report.isProven());
    assertTrue(report.reason().contains("no longer record the definition"), report.reason());
  }

  @Test
  void tablesThatAreBoundToAnotherTopicKeepTheirDefinition() {
    scenario.definition(with(CAMPAIGN));
    send(click("ann", "08:00"), "\"spring\"", "1");
    scenario.runAt("08:01");
    scenario.readAnotherTopic();
    scenario.definition(null);
    scenario.rebind(Offsets.NONE, false);
    send(click("ann", "08:02"), "\"summer\"", "1");
    scenario.runAt("08:03");
    assertEquals("[ann,1,spring] [ann,1,summer]", events("campaign"));
    // The same file for the other topic is the same definition
    scenario.definition(with(CAMPAIGN));
    scenario.assertNothingToDoAt("08:04");
    assertEquals(1, recorded().number());
  }

  @Test
  void aRecoveryTakesTheDefinitionsOfTheSessionsTable() {
    scenario.definition(with(CAMPAIGN));
    send(click("ann", "08:00"), "\"spring\"", "1");
    scenario.runAt("08:01");
    scenario.send(click("clock", "09:30"));
    scenario.runAt("09:41");
    scenario.byHand("DROP TABLE ${open}");
    KafkaTopics topics = scenario.topic().describe();
    scenario.tables().recovery().execute("test", topics.ids(), topics.earliest(), Rules.DEFAULT);
    scenario.definition(null);
    send(click("bob", "09:42"), "\"summer\"", "1");
    scenario.runAt("09:43");
    assertEquals("[ann,1,spring] [bob,1,summer] [clock,1,null]", events("campaign"));
    assertEquals(1, recorded().number());
  }
}
