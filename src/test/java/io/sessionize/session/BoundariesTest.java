package io.sessionize.session;

import static io.sessionize.session.Clicks.HOUR;
import static io.sessionize.session.Clicks.MINUTE;
import static io.sessionize.session.Clicks.TEN;
import static io.sessionize.session.Clicks.at;
import static io.sessionize.session.Clicks.cut;
import static io.sessionize.session.Clicks.starts;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rules of a definition at their edges. {@link BoundaryRuleTest} has classes and pages. */
class BoundariesTest {
  private static final Duration TIMEOUT = Duration.ofMinutes(30);
  private static final Duration MAXIMUM = Duration.ofHours(2);
  private static final List<Property> PROPERTIES =
      List.of(
          new Property("campaign", PropertyType.STRING),
          new Property("user_id", PropertyType.STRING),
          new Property("price", PropertyType.decimal(9, 2)));

  /** Splits before every moment. */
  public static final class Always implements BoundaryRule {
    @Override
    public boolean startsNewSession(List<Moment> session, Moment next) {
      return true;
    }
  }

  @Test
  void aKnownValueThatChangesToAnotherSplitsAndAnUnknownOneDoesNot() {
    // unknown, A, unknown, A | B, unknown | A
    assertEquals(
        List.of(TEN, TEN + 4 * MINUTE, TEN + 6 * MINUTE),
        starts(changes("user_id"), users(null, "A", null, "A", "B", null, "A")));
  }

  @Test
  void theLastKnownValueBeginsAnewWithEachSession() {
    List<Event> events =
        List.of(user(TEN, "A"), user(TEN + HOUR, null), user(TEN + HOUR + MINUTE, "B"));
    List<Session> sessions = cut(changes("user_id"), events);
    assertEquals(2, sessions.size());
    assertEquals(CloseReason.INACTIVITY, sessions.get(0).closeReason());
    assertNull(sessions.get(0).boundaryRule());
  }

  @Test
  void aChangeIsNamedWithItsProperty() {
    Session first = cut(changes("user_id", "campaign"), users("A", "B")).get(0);
    assertEquals(CloseReason.BOUNDARY, first.closeReason());
    assertEquals("changes:user_id", first.boundaryRule());
  }

  @Test
  void ofSeveralValuesAtOneMomentTheSmallestCounts() {
    // B and A together are A; then A goes on, and B is a change.
    Event both = user(TEN + MINUTE, "B");
    Event besides = with(TEN + MINUTE, "z", 1, "A");
    List<Event> events = List.of(user(TEN, "A"), both, besides, user(TEN + 2 * MINUTE, "A"));
    assertEquals(1, cut(changes("user_id"), events).size());
    assertEquals(
        List.of(TEN, TEN + 2 * MINUTE),
        starts(changes("user_id"), List.of(both(TEN), both2(TEN), user(TEN + 2 * MINUTE, "B"))));
  }

  private static Event both(long timeMs) {
    return with(timeMs, "a", 1, "B");
  }

  private static Event both2(long timeMs) {
    return with(timeMs, "b", 1, "A");
  }

  @Test
  void decimalsOfOneValueAreEqual() {
    List<Event> events =
        List.of(
            with(TEN, "a", 2, new BigDecimal("1.0")),
            with(TEN + 1, "b", 2, new BigDecimal("1.00")),
            with(TEN + 2, "c", 2, new BigDecimal("1.01")));
    assertEquals(List.of(TEN, TEN + 2), starts(changes("price"), events));
  }

  @ParameterizedTest(name = "an event {0} in {1}")
  @CsvSource({
    // A day ends at midnight of the zone, and the clock goes forward on 29 March 2026.
    "2026-03-28T22:59:59.999Z, Europe/Berlin, false",
    "2026-03-28T23:00:00.000Z, Europe/Berlin, true",
    "2026-03-28T23:00:00.000Z, UTC, false",
    "2026-03-29T21:59:59.999Z, Europe/Berlin, true",
    "2026-03-28T18:15:00.000Z, Asia/Kathmandu, true",
    "2026-03-28T18:14:59.999Z, Asia/Kathmandu, false"
  })
  void anotherLocalDaySplits(Instant next, String zone, boolean splits) {
    long timeMs = next.toEpochMilli();
    Rules rules =
        new Rules(
            Duration.ofDays(2),
            Duration.ofDays(9),
            null,
            List.of(),
            List.of(),
            DayZone.of(zone),
            null,
            null,
            0);
    List<Session> sessions =
        cut(rules, at(Instant.parse("2026-03-28T10:00:00Z").toEpochMilli()), at(timeMs));
    assertEquals(splits ? 2 : 1, sessions.size());
    assertEquals(splits ? "day_in" : null, sessions.get(0).boundaryRule());
  }

  @Test
  void anEventThatStartsASessionBelongsToTheNewOneAndOneThatEndsItToTheOld() {
    Rules rules = conditions("page_name = 'login'", "page_name = 'logout'");
    List<Session> sessions = cut(rules, pages("home", "login", "x", "logout", "login", "logout"));
    assertEquals(
        List.of(List.of("home"), List.of("login", "x", "logout"), List.of("login", "logout")),
        sessions.stream().map(Session::pagesVisited).toList());
    assertEquals(
        Stream.of("starts", "ends", null).toList(),
        sessions.stream().map(Session::boundaryRule).toList());
  }

  @Test
  void anyEventOfAMomentStartsOrEndsASessionAndTheMomentStaysWhole() {
    Rules rules = conditions("page_name = 'login'", "page_name = 'logout'");
    List<Event> events =
        List.of(
            at(TEN, "a", "home"),
            at(TEN + 1, "b", "home"),
            at(TEN + 1, "c", "login"),
            at(TEN + 2, "d", "logout"),
            at(TEN + 2, "e", "home"),
            at(TEN + 3, "f", "home"));
    assertEquals(List.of(TEN, TEN + 1, TEN + 3), starts(rules, events));
  }

  @ParameterizedTest(name = "at most {0}: sessions of {1}")
  @CsvSource({"1, 1 1 1 1 1 1 1", "3, 3 3 1", "7, 7", "8, 7"})
  void aSessionHasAtMostSoManyEvents(int most, String sizes) {
    List<Session> sessions = cut(atMost(most), users("A", "A", "A", "A", "A", "A", "A"));
    assertEquals(
        sizes, String.join(" ", sessions.stream().map(each -> "" + each.events().size()).toList()));
    if (sessions.size() > 1) {
      assertEquals("max_events", sessions.get(0).boundaryRule());
    }
  }

  @Test
  void aMomentWithMoreEventsStaysWhole() {
    List<Event> events = new ArrayList<>(List.of(at(TEN), at(TEN + 2)));
    IntStream.range(0, 5).forEach(i -> events.add(at(TEN + 1, "e" + i, "home")));
    assertEquals(
        List.of(1, 5, 1),
        cut(atMost(3), events).stream().map(session -> session.events().size()).toList());
  }

  @Test
  void ofSeveralRulesTheFirstOfTheOrderNamesTheSplit() {
    List<Event> events =
        List.of(withPage(TEN, "logout", "c1", "A"), withPage(TEN + 23 * HOUR, "login", "c2", "B"));
    List<String> named = new ArrayList<>();
    for (int without = 0; without <= 8; without++) {
      Rules rules =
          new Rules(
              Duration.ofDays(1),
              Duration.ofDays(1),
              without > 6 ? null : Always.class.getName(),
              without > 0 ? List.of() : List.of("logout"),
              without > 4 ? List.of() : without > 3 ? List.of("user_id") : changed(),
              without > 5 ? null : DayZone.of("UTC"),
              without > 2 ? null : "page_name = 'login'",
              without > 1 ? null : "page_name = 'logout'",
              without > 7 ? 0 : 1);
      named.add(cut(rules, events).get(0).boundaryRule());
    }
    assertEquals(
        Stream.of(
                "end_session_on_page",
                "ends",
                "starts",
                "changes:campaign",
                "changes:user_id",
                "day_in",
                "class",
                "max_events",
                null)
            .toList(),
        named);
  }

  private static List<String> changed() {
    return List.of("user_id", "campaign");
  }

  @Test
  void aLimitHasPriorityOverEveryRule() {
    Rules rules = new Rules(TIMEOUT, MAXIMUM, null, List.of(), changed(), null, null, null, 1);
    Session first = cut(rules, user(TEN, "A"), user(TEN + 31 * MINUTE, "B")).get(0);
    assertEquals(CloseReason.INACTIVITY, first.closeReason());
    assertNull(first.boundaryRule());
  }

  @Test
  void neitherCopiesNorTheirOrderMatter() {
    Rules rules =
        new Rules(TIMEOUT, MAXIMUM, null, List.of(), changed(), null, null, "page_name = 'x'", 4);
    Random random = new Random(7);
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      String user = random.nextInt(3) == 0 ? null : "" + (char) ('A' + random.nextInt(3));
      String page = random.nextInt(6) == 0 ? "x" : "home";
      events.add(withPage(TEN + random.nextInt(80) * MINUTE, page, "c" + random.nextInt(2), user));
    }
    List<Session> expected = cut(rules, events);
    for (int i = 0; i < 20; i++) {
      events.addAll(events.subList(0, 10));
      Collections.shuffle(events, random);
      assertEquals(expected, cut(rules, events));
    }
  }

  @Test
  void conditionsThatAreNotParsedAreRefused() {
    assertThrows(
        IllegalStateException.class,
        () -> new Restatement(conditions("page_name = 'login'", null), TEN));
  }

  private static Rules changes(String... properties) {
    return new Rules(TIMEOUT, MAXIMUM, null, List.of(), List.of(properties), null, null, null, 0);
  }

  private static Rules conditions(String starts, String ends) {
    return new Rules(TIMEOUT, MAXIMUM, null, List.of(), List.of(), null, starts, ends, 0);
  }

  private static Rules atMost(int events) {
    return new Rules(TIMEOUT, MAXIMUM, null, List.of(), List.of(), null, null, null, events);
  }

  /** A minute apart. */
  private static List<Event> users(String... users) {
    return IntStream.range(0, users.length)
        .mapToObj(i -> user(TEN + i * MINUTE, users[i]))
        .toList();
  }

  private static List<Event> pages(String... pages) {
    return IntStream.range(0, pages.length)
        .mapToObj(i -> at(TEN + i * MINUTE, "e" + i, pages[i]))
        .toList();
  }

  private static Event user(long timeMs, String user) {
    return with(timeMs, "e" + timeMs, 1, user);
  }

  private static Event with(long timeMs, String id, int property, Object value) {
    Object[] values = new Object[PROPERTIES.size()];
    values[property] = value;
    return event(timeMs, id, "home", values);
  }

  private static Event withPage(long timeMs, String page, String campaign, String user) {
    return event(timeMs, page + campaign + user, page, new Object[] {campaign, user, null});
  }

  private static Event event(long timeMs, String id, String page, Object[] values) {
    return new Event(timeMs, null, id, 1, page, null, null, Properties.of(PROPERTIES, values));
  }
}
