package io.sessionize.session;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RulesTest {
  private static final Duration TIMEOUT = Duration.ofMinutes(30);
  private static final Duration MAXIMUM = Duration.ofHours(2);

  /** Has no public constructor. */
  public static final class Hidden implements BoundaryRule {
    Hidden() {}

    @Override
    public boolean startsNewSession(List<Moment> session, Moment next) {
      return false;
    }
  }

  /** Has a constructor with a parameter. */
  public static final class Demanding implements BoundaryRule {
    public Demanding(String demand) {}

    @Override
    public boolean startsNewSession(List<Moment> session, Moment next) {
      return false;
    }
  }

  /** Cannot be instantiated. */
  public abstract static class Abstract implements BoundaryRule {
    public Abstract() {}
  }

  /** Fails in its constructor. */
  public static final class Throwing implements BoundaryRule {
    public Throwing() {
      throw new IllegalStateException("campaigns.csv is missing");
    }

    @Override
    public boolean startsNewSession(List<Moment> session, Moment next) {
      return false;
    }
  }

  /** Fails when its class is loaded. */
  public static final class Unloadable implements BoundaryRule {
    private static final int LIMIT = Integer.parseInt("not a number");

    @Override
    public boolean startsNewSession(List<Moment> session, Moment next) {
      return session.size() > LIMIT;
    }
  }

  /** Is a valid rule. */
  public static final class Usable implements BoundaryRule {
    @Override
    public boolean startsNewSession(List<Moment> session, Moment next) {
      return false;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT0S", "PT-1S", "PT0.0009S"})
  void aTimeoutOfLessThanAMillisecondIsRefused(Duration timeout) {
    Failure failure = assertThrows(Failure.class, () -> rules(timeout, MAXIMUM));
    assertOneLineOfUsage(failure, "inactivity timeout", timeout.toString());
  }

  @Test
  void aTimeoutAboveTheMaximumIsRefused() {
    Failure failure = assertThrows(Failure.class, () -> rules(Duration.ofMinutes(121), MAXIMUM));
    assertOneLineOfUsage(failure, "PT2H1M", "PT2H", "--max-session-duration");
  }

  @Test
  void aTimeoutEqualToTheMaximumIsAccepted() {
    assertEquals(MAXIMUM.toMillis(), rules(MAXIMUM, MAXIMUM).timeoutMs());
  }

  @Test
  void aMissingClassIsRefusedWithTheWayToAddIt() {
    assertOneLineOfUsage(
        refused("com.example.Nowhere"), "com.example.Nowhere", "SESSIONIZE_CLASSPATH");
  }

  @ParameterizedTest
  @ValueSource(
      classes = {
        Hidden.class,
        Demanding.class,
        Abstract.class,
        Throwing.class,
        Unloadable.class,
        BoundaryRule.class,
        String.class
      })
  void aClassThatIsNotARuleIsRefusedWithTheRequirements(Class<?> unusable) {
    assertOneLineOfUsage(
        refused(unusable.getName()),
        unusable.getName(),
        "implement io.sessionize.session.BoundaryRule",
        "public constructor");
  }

  @Test
  void theCauseOfAFailedRuleIsReported() {
    assertOneLineOfUsage(refused(Throwing.class.getName()), "campaigns.csv is missing");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "no such class", "io/sessionize/session/BoundaryRule", "int", "[I"})
  void anInvalidClassNameIsRefused(String name) {
    assertOneLineOfUsage(refused(name), "Boundary rule " + name);
  }

  @Test
  void aClassThatIsARuleIsAccepted() {
    assertDoesNotThrow(with(Usable.class.getName())::validate);
  }

  @ParameterizedTest
  @CsvSource({
    "PT30M, PT2H,  inactivity-timeout=PT30M max-session-duration=PT2H",
    "PT90S, PT60M, inactivity-timeout=PT1M30S max-session-duration=PT1H"
  })
  void theTextNamesTheLimits(Duration timeout, Duration maximum, String text) {
    assertEquals(text, rules(timeout, maximum).text());
  }

  @Test
  void theTextNamesTheRuleAndThePages() {
    assertEquals(
        "inactivity-timeout=PT30M max-session-duration=PT2H boundary-rule=com.example.Campaign"
            + " end-session-on-page=checkout,logout",
        new Rules(TIMEOUT, MAXIMUM, "com.example.Campaign", List.of("logout", "checkout")).text());
  }

  @Test
  void orderAndDuplicatesOfPagesMakeNoDifference() {
    Rules one = new Rules(TIMEOUT, MAXIMUM, null, List.of("logout", "bye", "checkout"));
    Rules other = new Rules(TIMEOUT, MAXIMUM, null, List.of("checkout", "logout", "bye", "bye"));
    assertEquals(one, other);
    assertEquals(one.text(), other.text());
  }

  @Test
  void theUnitInWhichALimitWasGivenMakesNoDifference() {
    assertEquals(
        rules(Duration.ofSeconds(1800), Duration.ofMinutes(120)).text(), Rules.DEFAULT.text());
  }

  @Test
  void otherRulesHaveAnotherText() {
    List<Rules> different =
        List.of(
            Rules.DEFAULT,
            rules(TIMEOUT.plusMillis(1), MAXIMUM),
            rules(TIMEOUT, MAXIMUM.plusMillis(1)),
            with("A"),
            with("B"),
            new Rules(TIMEOUT, MAXIMUM, null, List.of("A")),
            more(List.of("A"), null, null, null, 0),
            more(List.of("A", "B"), null, null, null, 0),
            more(List.of(), "UTC", null, null, 0),
            more(List.of(), "Europe/Berlin", null, null, 0),
            more(List.of(), null, "A", null, 0),
            more(List.of(), null, "A ends=B", null, 0),
            more(List.of(), null, "A", "B", 0),
            more(List.of(), null, null, "A", 0),
            more(List.of(), null, null, null, 1),
            new Rules(TIMEOUT, MAXIMUM, "A", List.of("A")));
    for (int i = 0; i < different.size(); i++) {
      for (int j = 0; j < i; j++) {
        assertNotEquals(different.get(i).text(), different.get(j).text());
      }
    }
  }

  @Test
  void theTextReadsBackAsTheSameRules() {
    for (Rules rules :
        List.of(
            Rules.DEFAULT,
            rules(Duration.ofMillis(1), Duration.ofMillis(1_500)),
            rules(Duration.ofHours(30), Duration.ofDays(400)),
            with("com.example.Campaign$Rule"),
            with(""),
            new Rules(TIMEOUT, MAXIMUM, null, List.of("logout", "ab meldung", "boundary-rule=x")),
            new Rules(TIMEOUT, MAXIMUM, null, List.of("", "a\nb", " end-session-on-page=b")),
            new Rules(TIMEOUT, MAXIMUM, "com.example.Rule", List.of("", "b", "a")),
            more(
                List.of("user_id", "campaign"),
                "Europe/Berlin",
                "a = '%20%'",
                "b IN ('ü', ',')",
                7),
            more(List.of(), null, "a\n  = 'x'\t ends=b max-events=3", null, 0),
            new Rules(
                TIMEOUT,
                MAXIMUM,
                "A",
                List.of("a b"),
                List.of("c"),
                null,
                "\u0000\\$",
                null,
                1L << 40))) {
      assertEquals(rules, Rules.parse(rules.text()));
      assertEquals(rules.text(), Rules.parse(rules.text()).text());
    }
  }

  @Test
  void theTextNamesTheRulesOfADefinition() {
    assertEquals(
        "inactivity-timeout=PT30M max-session-duration=PT2H changes=campaign,user_id day-in="
            + DayZone.of("Europe/Berlin").text()
            + " starts=page_name%20=%20'login' ends=page_name%20LIKE%20'%25bye' max-events=1000",
        more(
                List.of("user_id", "campaign"),
                "Europe/Berlin",
                "page_name = 'login'",
                "page_name LIKE '%bye'",
                1000)
            .text());
  }

  @Test
  void aNegativeNumberOfEventsIsRefused() {
    Failure failure = assertThrows(Failure.class, () -> more(List.of(), null, null, null, -1));
    assertOneLineOfUsage(failure, "max_events", "-1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "inactivity-timeout=PT30M",
        "inactivity-timeout=half max-session-duration=PT2H",
        "inactivity-timeout=PT30M max-session-duration=PT2H max-pages=7",
        "inactivity-timeout=PT30M max-session-duration=PT2H boundary-rule=a b"
      })
  void aTextWithMoreOrFewerPartsIsOfAnotherVersion(String text) {
    assertOneLineOfUsage(
        assertThrows(Failure.class, () -> Rules.parse(text)), "not known to this version", text);
  }

  @Test
  void aPageNameWithACommaIsRefused() {
    assertOneLineOfUsage(
        assertThrows(Failure.class, () -> new Rules(TIMEOUT, MAXIMUM, null, List.of("bye", "a,b"))),
        "'a,b'");
  }

  private static Rules rules(Duration timeout, Duration maximum) {
    return new Rules(timeout, maximum, null, List.of());
  }

  private static Rules more(
      List<String> changes, String zone, String starts, String ends, long maxEvents) {
    return new Rules(
        TIMEOUT,
        MAXIMUM,
        null,
        List.of(),
        changes,
        zone == null ? null : DayZone.of(zone),
        starts,
        ends,
        maxEvents);
  }

  private static Rules with(String rule) {
    return new Rules(TIMEOUT, MAXIMUM, rule, List.of());
  }

  private static Failure refused(String rule) {
    return assertThrows(Failure.class, with(rule)::validate);
  }

  private static void assertOneLineOfUsage(Failure failure, String... parts) {
    assertEquals(Failure.Kind.USAGE, failure.kind());
    assertFalse(failure.getMessage().contains("\n"), failure.getMessage());
    for (String part : parts) {
      assertTrue(failure.getMessage().contains(part), failure.getMessage());
    }
  }

  @Test
  void peopleSeeConditionsAsTheyWroteThem() {
    Rules rules =
        new GivenRules(
                null, null, null, null, null, null, "event_name =\n  'log in'", "uuid = '%20'", 7L)
            .apply(Rules.DEFAULT);
    assertEquals(
        "inactivity-timeout=PT30M max-session-duration=PT2H starts=\"event_name = 'log in'\""
            + " ends=\"uuid = '%20'\" max-events=7",
        Rules.shown(rules.text()));
  }
}
