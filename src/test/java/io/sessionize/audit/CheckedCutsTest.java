package io.sessionize.audit;

import static io.sessionize.testing.TestClick.click;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sessionize.audit.Invariants.Files;
import io.sessionize.session.GivenRules;
import io.sessionize.session.Property;
import io.sessionize.session.PropertyType;
import io.sessionize.session.Rules;
import io.sessionize.spark.internal.InternalRows;
import io.sessionize.summary.Base;
import io.sessionize.table.SessionTables;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.TestClick;
import io.sessionize.testing.TestDefinitions;
import io.sessionize.testing.TestSpark;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/**
 * Judges rows by other rules than those that made them: each cut that is missing, and each that is
 * too much, is found.
 */
class CheckedCutsTest {
  private static final GivenRules ALL =
      new GivenRules(
          null,
          null,
          null,
          List.of("bye"),
          List.of("campaign"),
          "UTC",
          "page_name = 'login'",
          "page_name = 'logout'",
          3L);

  private final Scenario scenario = new Scenario(1);

  @Test
  void missingCutsAreFoundInARow() {
    tables(Rules.DEFAULT);
    assertEquals(Set.of(), found(Rules.DEFAULT));
    assertEquals(
        Set.of(
            "bye cut_missing: rule end_session_on_page splits it at " + TestClick.at("08:02"),
            "campaign cut_missing: rule changes:campaign splits it at " + TestClick.at("08:03"),
            "day cut_missing: rule day_in splits it at " + TestClick.at("2026-03-02T00:00"),
            "full too_many_events: holds more events than the rule max_events allows",
            "login cut_missing: rule starts splits it at " + TestClick.at("08:01"),
            "logout cut_missing: rule ends splits it at " + TestClick.at("08:02"),
            "many too_many_events: holds more events than the rule max_events allows"),
        found(ALL.apply(Rules.DEFAULT)));
  }

  @Test
  void cutsWithoutARuleAreFoundBetweenRows() {
    Rules all = ALL.apply(Rules.DEFAULT);
    tables(all);
    assertEquals(Set.of(), found(all));
    assertEquals(
        Set.of(
            "bye cut_without_reason",
            "campaign cut_without_reason",
            "day cut_without_reason",
            "full cut_without_reason",
            "login cut_without_reason",
            "logout cut_without_reason",
            "many cut_without_reason"),
        namesOf(found(Rules.DEFAULT), "cut_without_reason"));
    // A number of two would cut some of them too.
    Set<String> two =
        found(
            new GivenRules(null, null, null, null, null, null, null, null, 2L)
                .apply(Rules.DEFAULT));
    assertEquals(
        Set.of("full too_many_events", "many too_many_events"), namesOf(two, "too_many_events"));
    assertEquals(
        Set.of("bye cut_without_reason", "day cut_without_reason", "login cut_without_reason"),
        namesOf(two, "cut_without_reason"));
    // A rule that is none of these is reported once, by the row itself.
    assertEquals(
        List.of(
            "campaign rule_differs: boundary_rule is changes:campaign, close_reason is boundary"),
        two.stream().filter(text -> text.startsWith("campaign rule_differs")).toList());

    // What a class may have cut counts, unless another rule comes first.
    Rules withClass =
        new Rules(
            all.inactivityTimeout(),
            all.maxDuration(),
            "com.example.Unknown",
            all.endPages(),
            all.changes(),
            all.dayIn(),
            all.starts(),
            all.ends(),
            all.maxEvents());
    assertEquals(Set.of(), found(withClass));
    scenario.byHand(
        "UPDATE ${sessions} SET boundary_rule = 'class' WHERE boundary_rule IS NOT NULL");
    assertEquals(
        Set.of(
            "bye rule_differs",
            "campaign rule_differs",
            "day rule_differs",
            "login rule_differs",
            "logout rule_differs"),
        namesOf(found(withClass), "rule_differs"));

    scenario.byHand(
        "UPDATE ${sessions} SET boundary_rule = NULL, close_reason = 'max_duration'"
            + " WHERE boundary_rule IS NOT NULL");
    for (Rules judged : List.of(all, withClass)) {
      Set<String> texts = found(judged);
      assertEquals(
          Set.of(
              "bye reason_differs",
              "campaign reason_differs",
              "day reason_differs",
              "full reason_differs",
              "login reason_differs",
              "logout reason_differs",
              "many reason_differs"),
          namesOf(texts, "reason_differs"));
      assertEquals(Set.of(), namesOf(texts, "cut_without_reason"));
    }

    // The commands find the same, also in what the last run changed.
    Check check = new Check(TestSpark.session(), scenario.names(), rules -> rules);
    assertEquals(found(all), texts(check.violations()));
    try (RecentCheck recent = check.ofLastRuns(1)) {
      assertEquals(found(all), texts(recent.violations()));
    }
  }

  private void tables(Rules rules) {
    scenario
        .definition(
            TestDefinitions.with(
                scenario.topic().name(), new Property("campaign", PropertyType.STRING)))
        .rules(rules);
    send(click("login", "08:00"), null);
    send(click("login", "08:01").page("login"), null);
    send(click("logout", "08:00"), null);
    send(click("logout", "08:01").page("logout"), null);
    send(click("logout", "08:02"), null);
    send(click("bye", "08:01").page("bye"), null);
    send(click("bye", "08:02"), null);
    send(click("campaign", "08:00"), "spring");
    send(click("campaign", "08:01"), null);
    send(click("campaign", "08:03"), "summer");
    for (int minute = 10; minute < 14; minute++) {
      send(click("many", "08:" + minute), null);
    }
    // The campaign changes, but not within one session of three events.
    for (int minute = 20; minute < 25; minute++) {
      send(click("full", "08:" + minute), minute == 20 ? "spring" : minute == 24 ? "summer" : null);
    }
    send(click("day", "2026-03-01T23:59"), null);
    send(click("day", "2026-03-02T00:00"), null);
    send(click("clock", "20:00"), null);
    scenario.runAt("20:01");
  }

  private void send(TestClick click, String campaign) {
    String json = new String(click.json(), UTF_8);
    String field = ", \"campaign\": " + (campaign == null ? null : "\"" + campaign + "\"") + "}";
    scenario.topic().send(click, (json.substring(0, json.length() - 1) + field).getBytes(UTF_8));
  }

  /** The violations if the rows had been made by these rules: user, invariant and detail. */
  private Set<String> found(Rules rules) {
    SessionTables tables = scenario.tables();
    Base base = tables.base();
    Invariants invariants =
        new Invariants(
            TestSpark.session(),
            scenario.names(),
            rules,
            base.definitions().properties(),
            base.watermark().publishedMs());
    InternalRows judged =
        invariants.judged(
            Files.of(tables.sessionsTable(), base.sessionsSnapshot()),
            Files.of(tables.stagingTable(), base.openSnapshot()));
    try (Violations violations = invariants.violations(judged, null)) {
      return texts(violations.rows());
    }
  }

  private static Set<String> texts(Dataset<Row> violations) {
    Set<String> texts = new TreeSet<>();
    violations
        .select("uuid", "invariant", "detail")
        .collectAsList()
        .forEach(
            row -> texts.add(row.getString(0) + " " + row.getString(1) + ": " + row.getString(2)));
    return texts;
  }

  private static Set<String> namesOf(Set<String> texts, String invariant) {
    Set<String> names = new TreeSet<>();
    texts.stream()
        .map(text -> text.substring(0, text.indexOf(':')))
        .filter(name -> name.endsWith(invariant))
        .forEach(names::add);
    return names;
  }
}
