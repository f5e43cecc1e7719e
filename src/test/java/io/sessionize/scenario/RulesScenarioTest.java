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
import io.sessionize.column.GivenColumns;
import io.sessionize.job.BatchReport;
import io.sessionize.job.Recomputation;
import io.sessionize.session.GivenRules;
import io.sessionize.session.Property;
import io.sessionize.session.PropertyType;
import io.sessionize.session.Rules;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.Scenario.Snapshots;
import io.sessionize.testing.TestClick;
import io.sessionize.testing.TestDefinitions;
import io.sessionize.testing.TestSpark;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Given tables with the rules of a definition: conditions, a property, a zone and a number. */
class RulesScenarioTest {
  private static final GivenRules GIVEN =
      new GivenRules(
          null,
          null,
          null,
          null,
          List.of("campaign"),
          "Europe/Berlin",
          "page_name = 'login' AND uuid <> 'bob'",
          "page_name = booking_details OR element_at(array(false), length(booking_details) - 1)",
          3L);

  private final Scenario scenario = new Scenario(1);

  @Test
  void theRulesOfADefinitionSplitSessionsInAnyRuns() {
    scenario
        .definition(
            TestDefinitions.with(
                scenario.topic().name(), new Property("campaign", PropertyType.STRING)))
        .rules(GIVEN, Rules.DEFAULT);
    // When each user meets another rule, and one condition fails on an event
    send(click("ann", "08:00"), null);
    send(click("ann", "08:10").page("login"), null);
    send(click("bob", "08:00").page("login").booking("("), "spring");
    send(click("bob", "08:10").page("login"), null);
    send(click("bob", "08:20"), "summer");
    for (int minute = 10; minute < 17; minute++) {
      send(click("cid", "08:" + minute), "spring");
    }
    send(click("dan", "22:55"), null);
    BatchReport first = scenario.runAt("23:00");
    assertTrue(first.counts().get("failed_conditions") > 0, first.counts().toString());
    send(click("dan", "23:05"), null);
    send(click("eve", "22:50").page("bye").booking("bye"), null);
    send(click("eve", "22:51"), null);
    send(click("clock", "23:59"), null);
    scenario.runAt("23:59:30");
    // Then the rows name the rules
    assertEquals(
        List.of(
            "ann 08:00 1 starts",
            "ann 08:10 1 null",
            "bob 08:00 2 changes:campaign",
            "bob 08:20 1 null",
            "cid 08:10 3 max_events",
            "cid 08:13 3 max_events",
            "cid 08:16 1 null",
            "clock 23:59 1 null",
            "dan 22:55 1 day_in",
            "dan 23:05 1 null",
            "eve 22:50 1 ends",
            "eve 22:51 1 null"),
        live());
    // When a late event shifts the cuts up to the next pause
    send(click("cid", "08:09"), "spring");
    send(click("bob", "08:05"), "summer");
    scenario.runAt("23:59:40");
    assertEquals(
        List.of(
            "bob 08:00 1 changes:campaign",
            "bob 08:05 3 null",
            "cid 08:09 3 max_events",
            "cid 08:12 3 max_events",
            "cid 08:15 2 null"),
        live().stream().filter(row -> row.matches("(bob|cid).*")).toList());
    assertNothingIsBroken(3);

    // A row that breaks a rule is found
    Snapshots before = scenario.snapshots();
    scenario.byHand("UPDATE ${sessions} SET events = concat(events, events) WHERE uuid = 'cid'");
    scenario.byHand("UPDATE ${sessions} SET boundary_rule = 'class' WHERE uuid = 'ann'");
    assertEquals(Set.of("cid too_many_events", "ann rule_differs"), violations());
    scenario.rollBackSessions(before);

    // A definition without the property of a rule is not taken in
    scenario.definition(TestDefinitions.with(scenario.topic().name()));
    Failure lacking = scenario.assertRefusedAt("23:59:45", Failure.Kind.USAGE);
    assertTrue(
        lacking.getMessage().startsWith("--definition lacks property campaign, which rule changes"),
        lacking.getMessage());
    scenario.definition(null);

    // When other rules are given; then a run is refused, and a recompute takes them in
    scenario.rules(
        new GivenRules(null, null, null, null, List.of(), "", "", "", 0L),
        GIVEN.apply(Rules.DEFAULT));
    scenario.assertRefusedAt("23:59:50", Failure.Kind.USAGE);
    scenario.recompute(Recomputation.EVERYTHING, true);
    assertEquals(
        List.of("ann 08:00 2 null", "bob 08:00 4 null", "cid 08:09 8 null"), live().subList(0, 3));
    // A condition that is wrong is refused, before the tables take in the columns of the same file
    scenario.rules(
        new GivenRules(null, null, null, null, null, null, "colour = 'red'", null, null),
        Rules.DEFAULT);
    scenario.columns(
        new GivenColumns(true, new TreeMap<>(Map.of("twice", "event_count * 2")), null));
    Failure refused =
        assertThrows(Failure.class, () -> scenario.recompute(Recomputation.EVERYTHING, true));
    assertEquals(Failure.Kind.USAGE, refused.kind());
    assertTrue(refused.getMessage().startsWith("rule starts is not a valid"), refused.getMessage());
    List<String> columns =
        List.of(TestSpark.session().table(scenario.names().sessions()).schema().fieldNames());
    assertFalse(columns.contains("twice"), columns.toString());
    assertNothingIsBroken(4);
  }

  private void send(TestClick click, String campaign) {
    String json = new String(click.json(), UTF_8);
    String field = ", \"campaign\": " + (campaign == null ? null : "\"" + campaign + "\"") + "}";
    scenario.topic().send(click, (json.substring(0, json.length() - 1) + field).getBytes(UTF_8));
  }

  /** The sessions by user and start: number of events, and the rule that ended it. */
  private List<String> live() {
    return TestSpark.session()
        .sql(
            String.format(
                "SELECT uuid, date_format(session_start, 'HH:mm'), event_count, boundary_rule FROM %s"
                    + " UNION SELECT uuid, date_format(session_start, 'HH:mm'), event_count,"
                    + " boundary_rule FROM %s ORDER BY 1, 2",
                scenario.names().open(), scenario.names().sessions()))
        .collectAsList()
        .stream()
        .map(row -> row.mkString(" "))
        .toList();
  }

  /** The violations that are about rules. */
  private Set<String> violations() {
    return new Check(TestSpark.session(), scenario.names(), rules -> rules)
            .violations()
            .where("invariant IN ('too_many_events', 'rule_differs')")
            .select("uuid", "invariant")
            .collectAsList()
            .stream()
            .map(row -> row.mkString(" "))
            .collect(Collectors.toSet());
  }

  private void assertNothingIsBroken(int runs) {
    Proof proof = scenario.proofByRecordedRules();
    List<PastRun> all = proof.last(100);
    assertEquals(runs, all.size());
    for (PastRun run : all) {
      assertEquals(List.of(), proof.prove(run).differences(), run.toString());
    }
    assertEquals(
        List.of(),
        new Check(TestSpark.session(), scenario.names(), rules -> rules)
            .violations()
            .collectAsList());
  }
}
