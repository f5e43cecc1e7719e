package io.sessionize.session;

import static io.sessionize.session.Clicks.HOUR;
import static io.sessionize.session.Clicks.MINUTE;
import static io.sessionize.session.Clicks.TEN;
import static io.sessionize.session.Clicks.at;
import static io.sessionize.session.Clicks.cut;
import static io.sessionize.session.Clicks.reversed;
import static io.sessionize.session.Clicks.starts;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SessionizerTest {
  private static final Rules RULES = Rules.DEFAULT;

  /** Ends a session at a page, in addition to the two limits. */
  private static final Rules WITH_LOGOUT =
      new Rules(Duration.ofMinutes(30), Duration.ofHours(2), null, List.of("logout"));

  @Test
  void noEventsYieldNoSessions() {
    assertEquals(List.of(), cut(RULES, List.of()));
  }

  @Test
  void oneEventIsASession() {
    assertEquals(List.of(Clicks.session(at(TEN))), cut(RULES, at(TEN)));
  }

  @ParameterizedTest(name = "{0} ms after the last event: {1} sessions")
  @CsvSource({"0, 1", "1, 1", "1799999, 1", "1800000, 1", "1800001, 2"})
  void aPauseOfExactlyThirtyMinutesJoinsAndOneMillisecondMoreSplits(long pause, int sessions) {
    assertEquals(sessions, cut(RULES, at(TEN, "a", null), at(TEN + pause, "b", null)).size());
  }

  @ParameterizedTest(name = "{0} ms after the start: {1} sessions")
  @CsvSource({"7199999, 1", "7200000, 1", "7200001, 2"})
  void aSessionOfExactlyTwoHoursJoinsAndOneMillisecondMoreSplits(long length, int sessions) {
    List<Event> events =
        List.of(
            at(TEN),
            at(TEN + 30 * MINUTE),
            at(TEN + 60 * MINUTE),
            at(TEN + 90 * MINUTE),
            at(TEN + 119 * MINUTE),
            at(TEN + length));
    assertEquals(sessions, cut(RULES, events).size());
  }

  @Test
  void aUserActiveForSevenHoursWithoutAPauseIsCutEveryTwoHours() {
    List<Event> everyTenMinutes =
        LongStream.rangeClosed(0, 42).mapToObj(i -> at(TEN + i * 10 * MINUTE)).toList();

    List<Session> sessions = cut(RULES, everyTenMinutes);

    // An event after exactly two hours still joins; the next one, ten minutes later, starts a new
    // session.
    long step = 2 * HOUR + 10 * MINUTE;
    assertEquals(
        List.of(TEN, TEN + step, TEN + 2 * step, TEN + 3 * step),
        sessions.stream().map(Session::startMs).toList());
    assertEquals(
        List.of(
            CloseReason.MAX_DURATION,
            CloseReason.MAX_DURATION,
            CloseReason.MAX_DURATION,
            CloseReason.INACTIVITY),
        sessions.stream().map(Session::closeReason).toList());
    assertEquals(43, sessions.stream().mapToInt(session -> session.events().size()).sum());
  }

  @Test
  void theMaximumCountsFromTheStartOfTheSessionAndNotOfTheDay() {
    long secondStart = TEN + 3 * HOUR;
    assertEquals(
        List.of(TEN, secondStart),
        starts(
            RULES,
            List.of(
                at(TEN),
                at(secondStart),
                at(secondStart + 30 * MINUTE),
                at(secondStart + HOUR),
                at(secondStart + 90 * MINUTE),
                at(secondStart + 2 * HOUR))));
  }

  @Test
  void aRuleCannotSeparateEventsOfOneMoment() {
    Rules everywhere =
        new Rules(
            Duration.ofMinutes(30),
            Duration.ofHours(2),
            SplitEverywhere.class.getName(),
            List.of());
    List<Event> events =
        List.of(at(TEN, "a", "x"), at(TEN, "b", "y"), at(TEN, "c", "z"), at(TEN + 1, "d", "x"));

    assertEquals(List.of(TEN, TEN + 1), starts(everywhere, events));
    assertEquals(3, cut(everywhere, events).get(0).events().size());
  }

  @Test
  void eventsOfOneMomentMayReachTheMaximumTogether() {
    Rules tight = new Rules(Duration.ofMillis(10), Duration.ofMillis(10), null, List.of());
    assertEquals(
        List.of(TEN),
        starts(tight, List.of(at(TEN), at(TEN + 10, "a", "x"), at(TEN + 10, "b", "y"))));
  }

  @Test
  void copiesCountOnce() {
    Event event = at(TEN);
    assertEquals(List.of(event), Sessionizer.distinct(List.of(event, event, at(TEN))));
  }

  @Test
  void oneIdAtTwoTimesIsTwoEvents() {
    assertEquals(2, Sessionizer.distinct(List.of(at(TEN, "a", "x"), at(TEN + 1, "a", "x"))).size());
  }

  @Test
  void theSmallestContentOfAnEventWinsInAnyOrderAndNullIsTheGreatest() {
    assertEachWinsOverTheNext(
        new Event(TEN, "a", "home", "card", new EventDetails("click", "a", "z")),
        new Event(TEN, "a", "home", "card", new EventDetails("click", "b", "1")),
        new Event(TEN, "a", "home", "card", new EventDetails("click", "b", null)),
        new Event(TEN, "a", "home", "card", new EventDetails("click", null, "1")),
        new Event(TEN, "a", "home", "card", new EventDetails(null, "a", "1")),
        new Event(TEN, "a", "home", "card", null),
        new Event(TEN, "a", "home", null, new EventDetails("click", "a", "1")),
        new Event(TEN, "a", "search", "card", null),
        new Event(TEN, "a", null, "card", null));
  }

  @Test
  void ofTwoCopiesTheOneOfTheNewerDefinitionWinsWithAnyContent() {
    EventDetails details = new EventDetails("click", "a", "z");
    assertEachWinsOverTheNext(
        new Event(TEN, null, "a", 11, null, null, null),
        new Event(TEN, null, "a", 2, "search", null, null),
        new Event(TEN, 1L, "a", 1, "home", "card", details),
        new Event(TEN, 2L, "a", 1, "home", "card", details),
        new Event(TEN, null, "a", 1, "home", "card", details));
  }

  @Test
  void copiesCountOnceIfOtherEventsAreBetweenThem() {
    // In the natural order 'b' is between the two copies of 'a'.
    Event copy = new Event(TEN, 3L, "a", 1, "home", null, null);
    Event other = new Event(TEN, 2L, "b", 1, "home", null, null);
    Event winner = new Event(TEN, 1L, "a", 1, "home", null, null);
    assertEquals(List.of(winner, other), Sessionizer.distinct(List.of(copy, other, winner)));
  }

  @Test
  void eventsOfOneMomentAreSortedByTheirMappedOrderAndThoseWithoutOneComeLast() {
    List<Event> ordered =
        List.of(
            new Event(TEN - 1, 9L, "z", 1, null, null, null),
            new Event(TEN, -1L, "d", 1, null, null, null),
            new Event(TEN, 2L, "b", 1, null, null, null),
            new Event(TEN, 2L, "c", 1, null, null, null),
            new Event(TEN, 10L, "a", 1, null, null, null),
            new Event(TEN, null, "a2", 1, null, null, null),
            new Event(TEN, null, "b2", 1, null, null, null),
            new Event(TEN + 1, 0L, "a", 1, null, null, null));
    assertEquals(ordered, Sessionizer.distinct(reversed(ordered)));
  }

  private static void assertEachWinsOverTheNext(Event... winnersFirst) {
    for (int i = 0; i < winnersFirst.length; i++) {
      List<Event> rest = List.of(winnersFirst).subList(i, winnersFirst.length);
      assertEquals(List.of(winnersFirst[i]), Sessionizer.distinct(rest));
      assertEquals(List.of(winnersFirst[i]), Sessionizer.distinct(reversed(rest)));
    }
  }

  @Test
  void eventsOfOneMomentAreOrderedByIdInCodePoints() {
    // As UTF-16, the supplementary character (D83D DE00) would come before U+FFFD.
    List<String> ordered =
        List.of("", "10", "9", "A", "a", "aa", "é", "\uD7FF", "\uE000", "\uFFFD", "\uD83D\uDE00");
    List<Event> events = new ArrayList<>();
    ordered.forEach(id -> events.add(at(TEN, id, null)));

    assertEquals(events, Sessionizer.distinct(reversed(events)));
  }

  @Test
  void supplementaryCharactersAreOrderedByCodePoint() {
    assertEquals(
        List.of("x\uD83D\uDE00", "x\uD83D\uDE01", "x\uDBFF\uDFFF"),
        Sessionizer.distinct(
                List.of(
                    at(TEN, "x\uDBFF\uDFFF", null),
                    at(TEN, "x\uD83D\uDE01", null),
                    at(TEN, "x\uD83D\uDE00", null)))
            .stream()
            .map(Event::id)
            .toList());
  }

  @ParameterizedTest(name = "{0} min after a logout {1} min after the start: {2}")
  @CsvSource({
    // The pause has priority over the maximum, and the maximum over the boundary.
    "31, 100, INACTIVITY",
    "31, 10,  INACTIVITY",
    "30, 100, MAX_DURATION",
    "30, 10,  BOUNDARY",
    "1,  10,  BOUNDARY",
  })
  void theCloseReasonIsTheFirstThatHolds(int pause, int logout, CloseReason expected) {
    List<Event> events = new ArrayList<>();
    for (int minute = 0; minute < logout; minute += 10) {
      events.add(at(TEN + minute * MINUTE));
    }
    events.add(at(TEN + logout * MINUTE, "out", "logout"));
    events.add(at(TEN + (logout + pause) * MINUTE, "next", "home"));

    List<Session> sessions = cut(WITH_LOGOUT, events);

    assertEquals(2, sessions.size());
    assertEquals(expected, sessions.get(0).closeReason());
  }

  @Test
  void theLastSessionEndsByInactivity() {
    List<Session> sessions = cut(WITH_LOGOUT, at(TEN, "out", "logout"));
    assertEquals(CloseReason.INACTIVITY, sessions.get(0).closeReason());
  }

  /** Splits before every event. */
  public static final class SplitEverywhere implements BoundaryRule {
    @Override
    public boolean startsNewSession(List<Moment> session, Moment next) {
      return true;
    }
  }
}
