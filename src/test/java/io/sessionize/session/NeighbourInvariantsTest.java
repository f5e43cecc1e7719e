package io.sessionize.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.sessionize.session.CheckedRow.Place;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each invariant between two consecutive rows of a user. */
class NeighbourInvariantsTest {
  private static final long MINUTE = 60_000;
  private static final NeighbourInvariants PLAIN = new NeighbourInvariants(Rules.DEFAULT);

  /** In minutes; negative for null. */
  private static CheckedRow row(Place place, long start, long end, String reason) {
    return new CheckedRow(
        place,
        "ann",
        "ann_session_" + start,
        start < 0 ? null : Long.valueOf(start * MINUTE),
        end < 0 ? null : Long.valueOf(end * MINUTE),
        reason,
        null,
        null);
  }

  private static CheckedRow row(long start, long end, String reason) {
    return row(Place.SESSIONS, start, end, reason);
  }

  private static String name(CheckedRow row, CheckedRow next) {
    BrokenInvariant broken = PLAIN.brokenBy(row, next);
    return broken == null ? null : broken.name();
  }

  @Test
  void pairsThatFollowTheTimesBreakNothing() {
    assertNull(name(row(0, 10, "inactivity"), null));
    assertNull(name(row(0, 10, "inactivity"), row(41, 50, "inactivity")));
    assertNull(name(row(0, 110, "max_duration"), row(121, 130, "inactivity")));
    // Without rules, nobody knows whether a boundary was right: it was not.
    assertEquals("cut_without_reason", name(row(0, 10, "boundary"), row(20, 30, "inactivity")));
  }

  @Test
  void eachPairIsJudged() {
    CheckedRow first = row(0, 10, "inactivity");
    assertEquals(
        new BrokenInvariant(
            "id_twice",
            "close_reason is inactivity, next session: ann_session_0, cut by rule none"),
        PLAIN.brokenBy(first, row(0, 10, "inactivity")));
    assertEquals("overlap", name(first, row(10, 20, "inactivity")));
    assertEquals("overlap", name(row(0, 10, null), row(5, 20, null)));
    assertNull(name(row(0, 10, null), row(20, 30, null)));
    assertEquals("cut_without_reason", name(first, row(40, 50, "inactivity")));
    assertEquals("reason_differs", name(row(0, 10, "max_duration"), row(41, 50, "inactivity")));
    assertEquals("reason_differs", name(row(0, 10, "boundary"), null));
    assertEquals(
        "cut_without_reason", name(row(0, 110, "inactivity"), row(121, 130, "inactivity")));
    assertEquals("reason_differs", name(row(0, 110, "boundary"), row(121, 130, "inactivity")));
    assertEquals(
        new BrokenInvariant(
            "cut_without_reason",
            "close_reason is inactivity, next session: ann_session_40, cut by rule none"),
        PLAIN.brokenBy(first, row(40, 50, "inactivity")));
    assertEquals(
        new BrokenInvariant(
            "reason_differs", "close_reason is max_duration, next session: none near"),
        PLAIN.brokenBy(row(0, 10, "max_duration"), row(2000, 2001, "inactivity")));
  }

  @Test
  void whatIsMissingIsNotKnown() {
    assertNull(name(row(0, -1, "inactivity"), row(5, 6, "inactivity")));
    CheckedRow nothing = new CheckedRow(Place.SESSIONS, null, null, null, null, null, null, null);
    assertNull(name(nothing, nothing));
    assertNull(name(nothing, null));
    assertNull(name(row(Place.NEAR, -1, -1, null), nothing));
    assertEquals(
        new BrokenInvariant("overlap", null),
        PLAIN.brokenBy(
            row(0, 10, null),
            new CheckedRow(Place.SESSIONS, "ann", null, MINUTE, null, null, null, null)));
    assertEquals(
        "cut_without_reason", name(row(-1, 10, "max_duration"), row(20, 30, "inactivity")));
  }

  @Test
  void anOlderRowIsJudgedOnlyWithAChangedOneThatIsNear() {
    CheckedRow near = row(Place.NEAR, 0, 10, "inactivity");
    assertNull(name(near, null));
    assertNull(name(near, row(Place.NEAR, 5, 20, "inactivity")));
    assertEquals("overlap", name(near, row(5, 20, "inactivity")));
    assertEquals("overlap", name(near, row(Place.OPEN, 5, 20, "inactivity")));
    // Five hours
    assertEquals("overlap", name(row(Place.NEAR, 0, 900, "inactivity"), row(300, 301, null)));
    assertNull(name(row(Place.NEAR, 0, 900, "inactivity"), row(301, 302, null)));
    // An older row behind a changed one counts if it starts near it.
    CheckedRow damaged = row(0, 9_000, "inactivity");
    assertEquals("overlap", name(damaged, row(Place.NEAR, 420, 430, null)));
    assertNull(name(damaged, row(Place.NEAR, 421, 430, null)));
  }

  @Test
  void rulesExplainACut() {
    Rules rules =
        new Rules(
            Duration.ofMinutes(30),
            Duration.ofHours(2),
            "com.example.Class",
            List.of("bye"),
            List.of("campaign"),
            DayZone.of("UTC"),
            "a",
            "b",
            3);
    NeighbourInvariants invariants = new NeighbourInvariants(rules);
    assertEquals("ends", rule(invariants, "ends", false, "x", "x", 0, 1));
    assertEquals("starts", rule(invariants, null, true, "x", "x", 0, 1));
    assertEquals("changes:campaign", rule(invariants, null, false, "x", "y", 0, 1));
    assertEquals("day_in", rule(invariants, null, false, null, "y", 1, 1));
    assertEquals("max_events", rule(invariants, null, false, "x", null, 0, 2));
    // The class may have cut where no rule before it does.
    assertNull(rule(invariants, null, false, "x", "x", 0, 1));
    CheckedRow next = edged(20, 30, null, null, 0, 1, false);
    CheckedRow byClass = edged(0, 10, "class", null, 0, 2, false);
    assertNull(invariants.brokenBy(byClass, next));
    // Without edges of both, nothing is said of a boundary.
    assertNull(invariants.brokenBy(row(0, 10, "boundary"), next));
    assertEquals("cut_without_reason", invariants.brokenBy(row(0, 10, "inactivity"), next).name());
  }

  /** The rule that the row must name, found by a row that names another; null for none. */
  private static String rule(
      NeighbourInvariants invariants,
      String endedBy,
      boolean starts,
      String known,
      String value,
      long day,
      long events) {
    String wrong = "end_session_on_page";
    CheckedRow row = edged(0, 10, wrong, known, 0, 2, false, endedBy);
    CheckedRow next = edged(20, 30, null, value, day, events, starts);
    BrokenInvariant broken = invariants.brokenBy(row, next);
    if (broken.name().equals("cut_without_reason")) {
      return null;
    }
    assertEquals("rule_differs", broken.name());
    return broken.detail().substring(broken.detail().lastIndexOf(' ') + 1);
  }

  private static CheckedRow edged(
      long start, long end, String rule, String value, long day, long events, boolean starts) {
    return edged(start, end, rule, value, day, events, starts, null);
  }

  private static CheckedRow edged(
      long start,
      long end,
      String rule,
      String value,
      long day,
      long events,
      boolean starts,
      String endedBy) {
    List<String> values = new ArrayList<>();
    values.add(value);
    return new CheckedRow(
        Place.SESSIONS,
        "ann",
        "ann_session_" + start,
        start * MINUTE,
        end * MINUTE,
        "boundary",
        rule,
        new Edges(
            null,
            0,
            new Edges.Start(starts, values, day, events),
            new Edges.End(endedBy, values, events)));
  }
}
