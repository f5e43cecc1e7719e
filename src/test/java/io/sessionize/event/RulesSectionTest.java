package io.sessionize.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.session.DayZone;
import io.sessionize.session.GivenRules;
import io.sessionize.session.Rules;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RulesSectionTest {
  private static final String HEAD =
      """
      version: 1
      topics:
        clicks:
          preset: segment
      session:
        rules:
      """;

  @Test
  void eachRuleIsRead() {
    Rules rules =
        rules(
                """
                inactivity_timeout: 45m
                max_duration: PT3H
                max_events: 1000
                changes: [utm_campaign, utm_source]
                day_in: Europe/Berlin
                starts: "event_name = 'login'"
                ends: "event_name = 'logout'"
                class: com.example.Rule
                end_session_on_page: [logout, bye]
                """)
            .apply(Rules.DEFAULT);
    assertEquals(
        new Rules(
            Duration.ofMinutes(45),
            Duration.ofHours(3),
            "com.example.Rule",
            List.of("bye", "logout"),
            List.of("utm_campaign", "utm_source"),
            DayZone.of("Europe/Berlin"),
            "event_name = 'login'",
            "event_name = 'logout'",
            1000),
        rules);
  }

  @Test
  void aRuleThatIsNotGivenIsAsRecorded() {
    Rules recorded = rules("preset: matomo\nmax_events: 7").apply(Rules.DEFAULT);
    assertEquals(recorded, rules("inactivity_timeout: 30m").apply(recorded));
    assertEquals(recorded, GivenRules.NONE.apply(recorded));
    assertEquals(recorded, GivenRules.all(recorded).apply(Rules.DEFAULT));
  }

  @Test
  void anEmptyTextOrListGivesNoSuchRule() {
    Rules recorded =
        rules(
                """
                preset: matomo
                max_events: 7
                starts: "uuid = 'a'"
                ends: "uuid = 'b'"
                class: com.example.Rule
                end_session_on_page: bye
                """)
            .apply(Rules.DEFAULT);
    Rules none =
        rules(
                """
                max_events: ""
                changes: []
                day_in: ""
                starts: ""
                ends: ""
                class: ""
                end_session_on_page: []
                """)
            .apply(recorded);
    assertEquals(List.of(), none.boundaryNames());
    assertEquals(recorded.maxDuration(), none.maxDuration());
  }

  @Test
  void whatTheFileDoesNotGiveIsOfThePreset() {
    Rules matomo = rules("preset: matomo\nday_in: Europe/Paris").apply(Rules.DEFAULT);
    assertEquals(
        "inactivity-timeout=PT30M max-session-duration=PT26H changes=utm_campaign day-in="
            + DayZone.of("Europe/Paris").text()
            + " max-events=10000",
        matomo.text());
    assertEquals(
        "inactivity-timeout=PT30M max-session-duration=PT24H",
        rules("preset: ga4").apply(Rules.DEFAULT).text());
  }

  @Test
  void aRuleThatThePresetDoesNotNameIsNoneWhateverTheTablesRecord() {
    Rules matomo = rules("preset: matomo\nmax_events: 7\nclass: a.Rule").apply(Rules.DEFAULT);
    GivenRules ga4 = rules("preset: ga4");
    assertEquals("inactivity-timeout=PT30M max-session-duration=PT24H", ga4.apply(matomo).text());
    // But what the file or the command line gives
    assertEquals(
        "inactivity-timeout=PT30M max-session-duration=PT24H max-events=9",
        rules("preset: ga4\nmax_events: 9").apply(matomo).text());
    GivenRules option = new GivenRules(null, null, null, List.of("bye"));
    assertEquals(List.of("bye"), option.and(ga4).apply(matomo).endPages());
    assertEquals(List.of("end_session_on_page"), option.and(ga4).apply(matomo).boundaryNames());
  }

  @Test
  void aZoneOfTheRecordedNameIsTheRecordedOne() {
    Rules recorded =
        Rules.parse(
            "inactivity-timeout=PT30M max-session-duration=PT2H day-in=Europe/Paris@0123456789abcdef");
    Rules same = rules("day_in: Europe/Paris").apply(recorded);
    assertEquals(recorded, same);
    Failure failure = assertThrows(Failure.class, same::validate);
    assertTrue(
        failure.getMessage().startsWith("This Java knows other clock changes of Europe/Paris"),
        failure.getMessage());
    assertEquals(
        DayZone.of("Europe/Berlin"), rules("day_in: Europe/Berlin").apply(recorded).dayIn());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "timeout: 30m | line 7: session.rules.timeout: unknown key; the known ones are",
        "max_event: 5 | line 7: session.rules.max_event: unknown key; the nearest known one is max_events.",
        "color: red | line 7: session.rules.color: unknown key; the known ones are",
        "preset: adobe | line 7: session.rules.preset: 'adobe' is not valid: the presets of rules are ga4, matomo.",
        "inactivity_timeout: 30 | line 7: session.rules.inactivity_timeout: '30' is not valid: give a time such as 45m or 2h",
        "max_events: 0 | line 7: session.rules.max_events: '0' is not valid: give a whole number from 1 on.",
        "changes: [utm_source, campaign] | line 7: session.rules.changes[1]: 'campaign' is not valid: map it, or give one of the properties",
        "day_in: Berlin | line 7: session.rules.day_in: 'Berlin' is not valid: give a time zone such as Europe/Berlin.",
        "'end_session_on_page: \"a,b\"' | line 7: session.rules: A page that ends a session cannot have a comma in its name: 'a,b'.",
        "inactivity_timeout: 0s | line 7: session.rules: The inactivity timeout must be positive",
        "starts: | line 7: session.rules.starts: has no value",
      })
  void aWrongValueIsRefusedWithItsLine(String rules, String message) {
    Failure failure = assertThrows(Failure.class, () -> rules(rules));
    assertEquals(Failure.Kind.USAGE, failure.kind());
    assertEquals(
        "f, " + message,
        failure
            .getMessage()
            .substring(0, Math.min(message.length() + 3, failure.getMessage().length())),
        failure.getMessage());
  }

  @Test
  void aPresetNamesAPropertyThatTheDefinitionMustHave() {
    Failure failure =
        assertThrows(
            Failure.class,
            () ->
                DefinitionFile.parse(
                    "f",
                    "{version: 1, topics: {t: {preset: sessionize}}, session: {rules: {preset: matomo}}}"));
    assertEquals(
        "rules of preset matomo, line 6: changes[0]: 'utm_campaign' is not valid: map it: no topic of the file has"
            + " properties.",
        failure.getMessage());
  }

  @Test
  void theRulesAreNoPartOfTheDefinitionOfEvents() {
    DefinitionContent with = DefinitionFile.parse("f", HEAD + "max_events: 7".indent(4));
    DefinitionContent without =
        DefinitionFile.parse("f", HEAD.substring(0, HEAD.indexOf("session:")));
    assertEquals(without.definition(), with.definition());
    assertEquals(GivenRules.NONE, without.rules());
  }

  private static GivenRules rules(String rules) {
    return DefinitionFile.parse("f", HEAD + rules.indent(4)).rules();
  }
}
