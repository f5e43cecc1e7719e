package io.sessionize.session;

import static io.sessionize.session.Clicks.HOUR;
import static io.sessionize.session.Clicks.MINUTE;
import static io.sessionize.session.Clicks.TEN;
import static io.sessionize.session.Clicks.at;
import static io.sessionize.session.Clicks.session;
import static io.sessionize.session.Outcomes.assertRemoved;
import static io.sessionize.session.Outcomes.only;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.session.Outcome.Change;
import io.sessionize.session.Published.Damage;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DamagedRowsRestatementTest {
  /** Long after every event of the tests: all sessions are closed. */
  private static final long DAY_AFTER = TEN + 24 * HOUR;

  private static final List<Session> NOTHING_OPEN = List.of();
  private static final List<Published> NOTHING_PUBLISHED = List.of();
  private static final List<Event> NO_EVENTS = List.of();

  @ParameterizedTest
  @EnumSource
  void aDamagedRowThatNothingReplacesStaysAndIsReported(DamagedRows what) {
    Published row = damaged(TEN, TEN + 20 * MINUTE);
    Event later = at(TEN + 3 * HOUR);

    List<Outcome> outcomes = restate(what, DAY_AFTER, List.of(row), later);

    assertEquals(2, outcomes.size());
    assertEquals(session(later), outcomes.get(0).session());
    assertFalse(outcomes.get(0).isDamaged());
    assertKept(row, false, outcomes.get(1));
  }

  @Test
  void aRunDoesNotCountTheEventsOfADamagedRow() {
    // Given a row of three events of which the second cannot be read
    Published row = damaged(TEN, TEN + 20 * MINUTE, at(TEN), at(TEN + 20 * MINUTE));

    // When a late event within its times arrives, and a copy of one of its events
    List<Outcome> outcomes =
        restate(
            DamagedRows.KEEP, DAY_AFTER, List.of(row), at(TEN + 5 * MINUTE), at(TEN + 20 * MINUTE));

    // Then these two make a session
    assertEquals(session(at(TEN + 5 * MINUTE), at(TEN + 20 * MINUTE)), outcomes.get(0).session());
    assertEquals(Change.ADDED, outcomes.get(0).change());
    assertEquals(2, outcomes.get(0).newEvents());
    assertKept(row, false, outcomes.get(1));
  }

  @ParameterizedTest
  @EnumSource
  void aDamagedRowIsRestatedWithASessionOfTheSameId(DamagedRows what) {
    Published row = damaged(TEN, TEN + 20 * MINUTE, at(TEN + 20 * MINUTE));

    Outcome outcome = only(restate(what, DAY_AFTER, List.of(row), at(TEN)));

    assertEquals(Change.CHANGED, outcome.change());
    assertEquals(row, outcome.stored());
    assertEquals(session(at(TEN), at(TEN + 20 * MINUTE)), outcome.session());
    assertEquals(1, outcome.newEvents());
  }

  @Test
  void anOpenSessionThatTakesTheIdOfADamagedRowIsPublished() {
    Published row = damaged(TEN, TEN + 20 * MINUTE);

    Outcome outcome = only(restate(DamagedRows.KEEP, TEN, List.of(row), at(TEN)));

    assertEquals(Change.CHANGED, outcome.change());
    assertTrue(outcome.open());
    assertTrue(outcome.published());
  }

  @Test
  void eventsOfAReplacedDamagedRowCanReplaceAnother() {
    // Given two rows; the first has a readable event at the time that the id of the second names
    Published first = damaged(TEN + HOUR, TEN + HOUR, at(TEN));
    Published second = damaged(TEN, TEN, at(TEN + MINUTE));

    List<Outcome> outcomes =
        restate(DamagedRows.KEEP, DAY_AFTER, List.of(first, second), at(TEN + HOUR));

    assertEquals(
        List.of(session(at(TEN), at(TEN + MINUTE)), session(at(TEN + HOUR))),
        outcomes.stream().map(Outcome::session).toList());
    assertEquals(
        List.of(Change.CHANGED, Change.CHANGED), outcomes.stream().map(Outcome::change).toList());
  }

  @ParameterizedTest
  @EnumSource(names = {"REPLACE", "REMAKE"})
  void aRepairReplacesADamagedRowThatASessionOverlaps(DamagedRows what) {
    Published row = damaged(TEN, TEN + 20 * MINUTE, at(TEN + 25 * MINUTE));

    // Also if that session is still open: a published session stays published
    List<Outcome> outcomes = restate(what, TEN, List.of(row), at(TEN + 20 * MINUTE));

    assertEquals(2, outcomes.size());
    assertEquals(Change.ADDED, outcomes.get(0).change());
    assertEquals(session(at(TEN + 20 * MINUTE), at(TEN + 25 * MINUTE)), outcomes.get(0).session());
    assertTrue(outcomes.get(0).open());
    assertTrue(outcomes.get(0).published());
    assertRemoved(row, outcomes.get(1));
  }

  @Test
  void onlyARecomputeUsesAllReadableEventsOfADamagedRow() {
    Published row = damaged(TEN, TEN + 20 * MINUTE, at(TEN), at(TEN + 20 * MINUTE));

    assertKept(row, false, only(restate(DamagedRows.REPLACE, DAY_AFTER, List.of(row))));
    Outcome outcome = only(restate(DamagedRows.REMAKE, DAY_AFTER, List.of(row)));
    assertEquals(Change.CHANGED, outcome.change());
    assertEquals(session(at(TEN), at(TEN + 20 * MINUTE)), outcome.session());
    assertEquals(0, outcome.newEvents());
  }

  @Test
  void aDamagedRowWithoutTimesIsReplacedByItsIdOnly() {
    Published row = damaged(TEN, Long.MAX_VALUE, Long.MIN_VALUE, List.of());
    assertKept(
        row, false, restate(DamagedRows.REPLACE, DAY_AFTER, List.of(row), at(TEN + 1)).get(1));
    assertEquals(
        Change.CHANGED,
        only(restate(DamagedRows.REPLACE, DAY_AFTER, List.of(row), at(TEN))).change());
  }

  @Test
  void aDamagedRowOfStagingStaysUntilASessionHasItsId() {
    Published row = damaged(TEN, TEN + 20 * MINUTE, at(TEN + 20 * MINUTE));

    List<Outcome> kept = restateOpen(DamagedRows.KEEP, TEN, row, at(TEN + 5 * MINUTE));
    assertEquals(session(at(TEN + 5 * MINUTE)), kept.get(0).session());
    assertKept(row, true, kept.get(1));

    Outcome same = only(restateOpen(DamagedRows.KEEP, TEN, row, at(TEN)));
    assertEquals(session(at(TEN), at(TEN + 20 * MINUTE)), same.session());
    assertEquals(Change.NONE, same.change());
    assertFalse(same.wasStaged(), "staging held no readable session");
    assertFalse(same.published());
    assertEquals(1, same.newEvents());

    Outcome repaired = only(restateOpen(DamagedRows.REPLACE, TEN, row, at(TEN + 5 * MINUTE)));
    assertEquals(session(at(TEN + 5 * MINUTE), at(TEN + 20 * MINUTE)), repaired.session());
    Outcome remade = only(restateOpen(DamagedRows.REMAKE, TEN, row));
    assertEquals(session(at(TEN + 20 * MINUTE)), remade.session());
  }

  private static List<Outcome> restate(
      long watermark, List<Session> staged, List<Published> published, List<Event> newEvents) {
    return new Restatement(Rules.DEFAULT, watermark).restate("ann", staged, published, newEvents);
  }

  private static List<Outcome> restate(
      DamagedRows what, long watermark, List<Published> published, Event... newEvents) {
    return new Restatement(Rules.DEFAULT, EventTests.NONE, watermark, what)
        .restate("ann", NOTHING_OPEN, published, List.of(newEvents));
  }

  private static List<Outcome> restateOpen(
      DamagedRows what, long watermark, Published open, Event... newEvents) {
    return new Restatement(Rules.DEFAULT, EventTests.NONE, watermark, what)
        .restate("ann", NOTHING_OPEN, List.of(open), NOTHING_PUBLISHED, List.of(newEvents));
  }

  /** Returns a damaged row with this start and end, and these readable events. */
  private static Published damaged(long startMs, long endMs, Event... readable) {
    return damaged(startMs, startMs, endMs, List.of(readable));
  }

  private static Published damaged(long idMs, long fromMs, long toMs, List<Event> readable) {
    return new Published(
        Session.id("ann", idMs),
        idMs,
        new Session("ann", readable, CloseReason.INACTIVITY),
        false,
        new Damage(fromMs, toMs),
        List.of());
  }

  private static void assertKept(Published row, boolean open, Outcome outcome) {
    assertTrue(outcome.isDamaged());
    assertEquals(Change.NONE, outcome.change());
    assertEquals(row, outcome.stored());
    assertEquals(row.sessionId(), outcome.sessionId());
    assertEquals(open, outcome.open());
    assertEquals(0, outcome.newEvents());
  }
}
