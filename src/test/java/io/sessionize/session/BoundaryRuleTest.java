package io.sessionize.session;

import static io.sessionize.session.Clicks.HOUR;
import static io.sessionize.session.Clicks.MINUTE;
import static io.sessionize.session.Clicks.TEN;
import static io.sessionize.session.Clicks.at;
import static io.sessionize.session.Clicks.cut;
import static io.sessionize.session.Clicks.starts;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BoundaryRuleTest {

  /** The arguments of one call of a rule. */
  private record Question(List<Moment> session, Moment next) {}

  private static final List<Question> ASKED = new ArrayList<>();

  /** Never splits, and records its calls. */
  public static final class Recording implements BoundaryRule {
    @Override
    public boolean startsNewSession(List<Moment> session, Moment next) {
      ASKED.add(new Question(List.copyOf(session), next));
      return false;
    }
  }

  /** Starts a new session at a landing page. */
  public static final class Landing implements BoundaryRule {
    @Override
    public boolean startsNewSession(List<Moment> session, Moment next) {
      return next.events().stream().anyMatch(event -> "landing".equals(event.pageName()));
    }
  }

  /** Tries to change the session. */
  public static final class Greedy implements BoundaryRule {
    @Override
    public boolean startsNewSession(List<Moment> session, Moment next) {
      return session.add(next);
    }
  }

  /** Tries it with the events of a moment. */
  public static final class GreedyForEvents implements BoundaryRule {
    @Override
    public boolean startsNewSession(List<Moment> session, Moment next) {
      return session.get(0).events().addAll(next.events());
    }
  }

  private static boolean initialized;

  /** Is no rule, but runs code when it is initialized. */
  public static final class NoRule {
    static {
      initialized = true;
    }
  }

  @BeforeEach
  void forget() {
    ASKED.clear();
  }

  @Test
  void aRuleSeesTheMomentsOfTheSessionSoFarAndTheNextMoment() {
    Event first = at(TEN);
    Event second = at(TEN + MINUTE, "a", "x");
    Event besideSecond = at(TEN + MINUTE, "b", "y");
    Event third = at(TEN + 2 * MINUTE);

    cut(rules(Recording.class), besideSecond, third, second, first);

    Moment one = new Moment(TEN, List.of(first));
    Moment two = new Moment(TEN + MINUTE, List.of(second, besideSecond));
    Moment three = new Moment(TEN + 2 * MINUTE, List.of(third));
    assertEquals(
        List.of(new Question(List.of(one), two), new Question(List.of(one, two), three)), ASKED);
  }

  @Test
  void aRuleSeesOnlyTheMomentsSinceTheLastCut() {
    cut(rules(Recording.class), at(TEN), at(TEN + HOUR), at(TEN + HOUR + MINUTE));
    assertEquals(
        List.of(
            new Question(
                List.of(new Moment(TEN + HOUR, List.of(at(TEN + HOUR)))),
                new Moment(TEN + HOUR + MINUTE, List.of(at(TEN + HOUR + MINUTE))))),
        ASKED);
  }

  @Test
  void theEventsOfAMomentStandInTheOrderThatTheDefinitionMaps() {
    Event unmapped = ordered("a", null);
    Event second = ordered("b", 2L);
    Event first = ordered("c", 1L);

    cut(rules(Recording.class), at(TEN), unmapped, second, first);

    assertEquals(List.of(first, second, unmapped), ASKED.get(0).next().events());
  }

  @Test
  void aRuleIsNotAskedAboutEventsOfTheSameMoment() {
    cut(rules(Recording.class), at(TEN, "a", "x"), at(TEN, "b", "y"));
    assertEquals(List.of(), ASKED);
  }

  @Test
  void aRuleIsNotAskedWhereALimitSplitsAnyway() {
    Rules rules = rules(Recording.class);

    cut(rules, at(TEN), at(TEN + 31 * MINUTE));
    assertEquals(List.of(), ASKED);

    cut(
        rules,
        at(TEN),
        at(TEN + 30 * MINUTE),
        at(TEN + HOUR),
        at(TEN + 90 * MINUTE),
        at(TEN + 2 * HOUR),
        at(TEN + 2 * HOUR + 1));
    assertEquals(4, ASKED.size());
  }

  @Test
  void aRuleCannotChangeTheSession() {
    for (Class<? extends BoundaryRule> rule : List.of(Greedy.class, GreedyForEvents.class)) {
      assertThrows(
          UnsupportedOperationException.class,
          () -> cut(rules(rule), at(TEN), at(TEN + MINUTE)),
          rule.getSimpleName());
    }
  }

  @Test
  void theLimitsCountFromWhereTheRuleSplit() {
    List<Event> events =
        List.of(
            at(TEN),
            at(TEN + 20 * MINUTE, "l", "landing"),
            at(TEN + 50 * MINUTE),
            at(TEN + 80 * MINUTE),
            at(TEN + 110 * MINUTE),
            at(TEN + 140 * MINUTE),
            at(TEN + 141 * MINUTE));

    assertEquals(
        List.of(TEN, TEN + 20 * MINUTE, TEN + 141 * MINUTE), starts(rules(Landing.class), events));
  }

  @Test
  void aPageEndsItsSessionAndBelongsToIt() {
    List<Session> sessions =
        cut(
            endingOn("logout"),
            at(TEN, "a", "home"),
            at(TEN + MINUTE, "b", "logout"),
            at(TEN + 2 * MINUTE, "c", "home"));

    assertEquals(List.of("home", "logout"), sessions.get(0).pagesVisited());
    assertEquals(CloseReason.BOUNDARY, sessions.get(0).closeReason());
    assertEquals(TEN + 2 * MINUTE, sessions.get(1).startMs());
  }

  @Test
  void aPageSeenEarlierInTheSessionEndsNothing() {
    // The two events of TEN are one moment, so the session goes on from 'home' at TEN + 1 min.
    Rules rules = endingOn("logout");
    assertEquals(
        List.of(TEN, TEN + MINUTE),
        starts(
            rules,
            List.of(
                at(TEN, "a", "logout"),
                at(TEN + MINUTE, "b", "home"),
                at(TEN + 2 * MINUTE, "c", "home"))));
  }

  @Test
  void anyEventOfOneMomentMayEndTheSession() {
    for (List<String> pages :
        List.of(
            List.of("logout", "home", "home"),
            List.of("home", "logout", "home"),
            List.of("home", "home", "logout"))) {
      List<Event> events =
          List.of(
              at(TEN, "a", pages.get(0)),
              at(TEN, "b", pages.get(1)),
              at(TEN, "c", pages.get(2)),
              at(TEN + 1, "d", "home"));
      assertEquals(List.of(TEN, TEN + 1), starts(endingOn("logout"), events), pages.toString());
    }
  }

  @Test
  void aMissingPageEndsNothing() {
    assertEquals(1, cut(endingOn("logout"), at(TEN, "a", null), at(TEN + 1, "b", null)).size());
  }

  @Test
  void pagesAreComparedExactly() {
    assertEquals(
        1, cut(endingOn("logout"), at(TEN, "a", "Logout"), at(TEN + 1, "b", "logout ")).size());
  }

  @Test
  void aClassThatIsNoRuleIsRefusedBeforeItsCodeRuns() {
    String name = BoundaryRuleTest.class.getName() + "$NoRule";
    Failure failure =
        assertThrows(
            Failure.class,
            () ->
                new Rules(Duration.ofMinutes(30), Duration.ofHours(2), name, List.of()).validate());
    assertTrue(failure.getMessage().contains("must be public, implement"), failure.getMessage());
    assertFalse(initialized);
  }

  @Test
  void aRuleAndAPageSplitWhereEitherDoes() {
    Rules both =
        new Rules(
            Duration.ofMinutes(30),
            Duration.ofHours(2),
            Landing.class.getName(),
            List.of("logout"));
    assertEquals(
        List.of(TEN, TEN + 1, TEN + 3),
        starts(
            both,
            List.of(
                at(TEN, "a", "logout"),
                at(TEN + 1, "b", "home"),
                at(TEN + 2, "c", "home"),
                at(TEN + 3, "d", "landing"),
                at(TEN + 4, "e", "home"))));
  }

  private static Event ordered(String id, Long order) {
    return new Event(TEN + MINUTE, order, id, Event.FIRST_DEFINITION, "home", null, null);
  }

  private static Rules rules(Class<? extends BoundaryRule> rule) {
    return new Rules(Duration.ofMinutes(30), Duration.ofHours(2), rule.getName(), List.of());
  }

  private static Rules endingOn(String... pages) {
    return new Rules(Duration.ofMinutes(30), Duration.ofHours(2), null, List.of(pages));
  }
}
