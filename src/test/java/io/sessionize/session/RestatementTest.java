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
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.session.Outcome.Change;
import io.sessionize.session.Published.Damage;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RestatementTest {
  /** Long after every event of the tests: all sessions are closed. */
  private static final long DAY_AFTER = TEN + 24 * HOUR;

  private static final List<Session> NOTHING_OPEN = List.of();
  private static final List<Published> NOTHING_PUBLISHED = List.of();
  private static final List<Event> NO_EVENTS = List.of();

  @Test
  void noInputYieldsNoOutcome() {
    assertEquals(List.of(), restate(DAY_AFTER, NOTHING_OPEN, NOTHING_PUBLISHED, NO_EVENTS));
  }

  @ParameterizedTest(name = "watermark {0} ms after end and timeout: open {1}")
  @CsvSource({"-1, true", "0, true", "1, false"})
  void aSessionClosesWhenTheWatermarkPassesItsEndPlusTimeout(long after, boolean open) {
    Outcome outcome =
        only(restate(TEN + 30 * MINUTE + after, NOTHING_OPEN, NOTHING_PUBLISHED, List.of(at(TEN))));

    assertEquals(open, outcome.open());
    assertEquals(!open, outcome.published());
    assertEquals(open ? Change.NONE : Change.ADDED, outcome.change());
  }

  @Test
  void aNewOpenSessionIsWrittenToStagingOnly() {
    Outcome outcome =
        only(restate(TEN, NOTHING_OPEN, NOTHING_PUBLISHED, List.of(at(TEN), at(TEN + MINUTE))));

    assertEquals(session(at(TEN), at(TEN + MINUTE)), outcome.session());
    assertEquals(Change.NONE, outcome.change());
    assertTrue(outcome.open());
    assertFalse(outcome.published());
    assertFalse(outcome.wasStaged());
    assertEquals(2, outcome.newEvents());
  }

  @Test
  void anOpenSessionContinuesFromStaging() {
    Outcome outcome =
        only(
            restate(
                TEN,
                List.of(session(at(TEN))),
                NOTHING_PUBLISHED,
                List.of(at(TEN + MINUTE), at(TEN + 2 * MINUTE))));

    assertEquals(session(at(TEN), at(TEN + MINUTE), at(TEN + 2 * MINUTE)), outcome.session());
    assertTrue(outcome.wasStaged());
    assertEquals(2, outcome.newEvents());
  }

  @Test
  void anOpenSessionIsPublishedWhenTheWatermarkHasPassedIt() {
    Outcome outcome =
        only(restate(DAY_AFTER, List.of(session(at(TEN))), NOTHING_PUBLISHED, NO_EVENTS));

    assertEquals(Change.ADDED, outcome.change());
    assertFalse(outcome.open());
    assertTrue(outcome.published());
    assertTrue(outcome.wasStaged());
    assertEquals(0, outcome.newEvents());
    assertNull(outcome.stored());
  }

  @Test
  void copiesOfStagedPublishedOrNewEventsAddNothing() {
    // Given an open session, a published one, and a new event that came twice
    Session open = session(at(TEN + 4 * HOUR));
    Published row = row(session(at(TEN)));
    Event fresh = at(TEN + 4 * HOUR + MINUTE);

    // When copies of all of them arrive
    List<Outcome> outcomes =
        restate(
            TEN + 4 * HOUR,
            List.of(open),
            List.of(row),
            List.of(at(TEN), at(TEN + 4 * HOUR), fresh, fresh));

    // Then only the new event counts, and the published row is unchanged
    assertEquals(1, only(outcomes).newEvents());
    assertEquals(session(at(TEN + 4 * HOUR), fresh), only(outcomes).session());
  }

  @Test
  void anUnchangedPublishedRowYieldsNoOutcome() {
    Published row = row(session(at(TEN), at(TEN + MINUTE)));
    assertEquals(List.of(), restate(DAY_AFTER, NOTHING_OPEN, List.of(row), List.of(at(TEN))));
  }

  @Test
  void aLateEventChangesTheRowItFallsInto() {
    Published row = row(session(at(TEN), at(TEN + 20 * MINUTE)));

    Outcome outcome =
        only(restate(DAY_AFTER, NOTHING_OPEN, List.of(row), List.of(at(TEN + 10 * MINUTE))));

    assertEquals(Change.CHANGED, outcome.change());
    assertEquals(row, outcome.stored());
    assertEquals(row.sessionId(), outcome.sessionId());
    assertEquals(3, outcome.session().events().size());
    assertEquals(1, outcome.newEvents());
    assertFalse(outcome.open());
  }

  @Test
  void aPublishedSessionThatALateEventOpensIsStagedToo() {
    // Given a session that the watermark has just closed
    Published row = row(session(at(TEN)));
    long watermark = TEN + 30 * MINUTE + 1;

    // When an event arrives that prolongs it
    Outcome outcome =
        only(restate(watermark, NOTHING_OPEN, List.of(row), List.of(at(TEN + 20 * MINUTE))));

    // Then it is open again, and stays in the sessions table
    assertTrue(outcome.open());
    assertTrue(outcome.published());
    assertEquals(Change.CHANGED, outcome.change());
    assertFalse(outcome.wasStaged());
  }

  @Test
  void anOpenPublishedSessionStaysInBothTables() {
    Session session = session(at(TEN));

    Outcome outcome = only(restate(TEN, List.of(session), List.of(row(session)), NO_EVENTS));

    assertEquals(Change.NONE, outcome.change());
    assertTrue(outcome.open());
    assertTrue(outcome.published());
    assertEquals(0, outcome.newEvents());
  }

  @Test
  void aSessionInBothTablesAfterACrashIsNotPublishedTwice() {
    Session session = session(at(TEN));
    assertEquals(List.of(), restate(DAY_AFTER, List.of(session), List.of(row(session)), NO_EVENTS));
  }

  @Test
  void aLateEventBetweenTwoRowsJoinsThemAndRemovesOneRow() {
    Published first = row(session(at(TEN)));
    Published second = row(session(at(TEN + 40 * MINUTE)));

    List<Outcome> outcomes =
        restate(DAY_AFTER, NOTHING_OPEN, List.of(first, second), List.of(at(TEN + 20 * MINUTE)));

    assertEquals(2, outcomes.size());
    assertEquals(Change.CHANGED, outcomes.get(0).change());
    assertEquals(first.sessionId(), outcomes.get(0).sessionId());
    assertEquals(3, outcomes.get(0).session().events().size());
    assertEquals(1, outcomes.get(0).newEvents());
    assertRemoved(second, outcomes.get(1));
  }

  @Test
  void aLateEventBeforeTheStartChangesTheIdAndRemovesTheOldRow() {
    Published row = row(session(at(TEN)));

    List<Outcome> outcomes =
        restate(DAY_AFTER, NOTHING_OPEN, List.of(row), List.of(at(TEN - 10 * MINUTE)));

    assertEquals(Change.ADDED, outcomes.get(0).change());
    assertEquals(Session.id("ann", TEN - 10 * MINUTE), outcomes.get(0).sessionId());
    assertRemoved(row, outcomes.get(1));
  }

  @Test
  void anOpenSessionThatAbsorbsAPublishedRowIsPublished() {
    // Given a closed row, and an open session that began 40 minutes after it
    Published row = row(session(at(TEN)));
    Session open = session(at(TEN + 40 * MINUTE));

    // When a late event bridges them
    List<Outcome> outcomes =
        restate(TEN + 45 * MINUTE, List.of(open), List.of(row), List.of(at(TEN + 20 * MINUTE)));

    // Then the one session has the row's id, is in both tables, and nothing is removed
    Outcome outcome = only(outcomes);
    assertEquals(row.sessionId(), outcome.sessionId());
    assertEquals(Change.CHANGED, outcome.change());
    assertTrue(outcome.open());
    assertTrue(outcome.published());
    assertFalse(outcome.wasStaged());
  }

  @Test
  void aLateEventThatMakesASessionTooLongMovesTheNextCut() {
    // Given two rows; the maximum duration cut the first
    List<Event> events = everyTwentyMinutes(8);
    List<Session> before = Clicks.cut(Rules.DEFAULT, events);
    assertEquals(2, before.size());

    // When a late event starts the first session half an hour earlier
    List<Event> all = new ArrayList<>(List.of(at(TEN - 30 * MINUTE)));
    all.addAll(events);
    List<Outcome> outcomes =
        restate(
            DAY_AFTER,
            NOTHING_OPEN,
            before.stream().map(RestatementTest::row).toList(),
            List.of(all.get(0)));

    // Then both sessions are as if all events had come at once, and both old rows are removed
    List<Session> after = Clicks.cut(Rules.DEFAULT, all);
    assertEquals(after, outcomes.subList(0, 2).stream().map(Outcome::session).toList());
    assertEquals(
        List.of(Change.ADDED, Change.ADDED, Change.REMOVED, Change.REMOVED),
        outcomes.stream().map(Outcome::change).toList());
    assertEquals(1, outcomes.stream().mapToInt(Outcome::newEvents).sum());
  }

  @Test
  void aRowWithAnotherCloseReasonIsChanged() {
    // Given a session of two hours that ended by inactivity, according to the known events
    List<Event> events = everyTwentyMinutes(7);
    Published row = row(new Session("ann", events, CloseReason.INACTIVITY));

    // When the event arrives that would have made it too long
    List<Outcome> outcomes =
        restate(DAY_AFTER, NOTHING_OPEN, List.of(row), List.of(at(TEN + 2 * HOUR + 10 * MINUTE)));

    assertEquals(Change.CHANGED, outcomes.get(0).change());
    assertEquals(CloseReason.MAX_DURATION, outcomes.get(0).session().closeReason());
    assertEquals(Change.ADDED, outcomes.get(1).change());
  }

  @Test
  void aSmallerContentOfAKnownEventRestatesTheRowAndAddsNothing() {
    Published row = row(session(at(TEN, "a", "search")));

    Outcome outcome =
        only(restate(DAY_AFTER, NOTHING_OPEN, List.of(row), List.of(at(TEN, "a", "home"))));

    assertEquals(Change.CHANGED, outcome.change());
    assertEquals(List.of("home"), outcome.session().pagesVisited());
    assertEquals(0, outcome.newEvents());
  }

  @Test
  void aCopyThatHoldsLessChangesNothing() {
    Published row = row(session(at(TEN, "a", "search")));

    Outcome outcome =
        only(restate(DAY_AFTER, NOTHING_OPEN, List.of(row), List.of(at(TEN, "a", null))));

    assertEquals(Change.NONE, outcome.change());
    assertEquals(1, outcome.conflictingCopies());
  }

  @Test
  void aCopyOfANewerDefinitionRestatesTheRowAndAddsNothingThoughItsOrderIsAnother() {
    // Given a row with two events of one moment that had no order when they were decoded
    Event first = at(TEN, "a", "home");
    Event second = at(TEN, "b", "search");
    Published row = row(session(first, second));

    // When copies arrive that a newer definition decoded, with an order
    Event later = new Event(TEN, 2L, "a", 2, "home", null, null);
    Event sooner = new Event(TEN, 1L, "b", 2, "search", null, null);
    Outcome outcome = only(restate(DAY_AFTER, NOTHING_OPEN, List.of(row), List.of(later, sooner)));

    // Then the copies stand in the row, in that order; older copies change nothing any more
    assertEquals(Change.CHANGED, outcome.change());
    assertEquals(List.of(sooner, later), outcome.session().events());
    assertEquals(0, outcome.newEvents());
    assertEquals(
        List.of(),
        restate(DAY_AFTER, NOTHING_OPEN, List.of(row(outcome.session())), List.of(first, second)));
  }

  @Test
  void aRowWhoseColumnsWereAlteredByHandIsRestored() {
    Session session = session(at(TEN));
    Published altered = new Published(session.id(), TEN, session, false);

    Outcome outcome = only(restate(DAY_AFTER, NOTHING_OPEN, List.of(altered), NO_EVENTS));

    assertEquals(Change.CHANGED, outcome.change());
    assertEquals(session, outcome.session());
    assertEquals(altered, outcome.stored());
  }

  @Test
  void aRowWhoseKeyWasAlteredByHandIsReplaced() {
    Session session = session(at(TEN));
    Published altered = new Published("ann_session_0", TEN, session, false);

    List<Outcome> outcomes = restate(DAY_AFTER, NOTHING_OPEN, List.of(altered), NO_EVENTS);

    assertEquals(Change.ADDED, outcomes.get(0).change());
    assertEquals(session.id(), outcomes.get(0).sessionId());
    assertRemoved(altered, outcomes.get(1));
  }

  @Test
  void eachSessionOfAUserIsOpenOrClosedOnItsOwn() {
    List<Outcome> outcomes =
        restate(
            TEN + 2 * HOUR,
            NOTHING_OPEN,
            NOTHING_PUBLISHED,
            List.of(at(TEN + 2 * HOUR), at(TEN + HOUR), at(TEN)));

    assertEquals(List.of(false, false, true), outcomes.stream().map(Outcome::open).toList());
    assertEquals(
        List.of(TEN, TEN + HOUR, TEN + 2 * HOUR),
        outcomes.stream().map(outcome -> outcome.session().startMs()).toList());
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

  private static List<Event> everyTwentyMinutes(int count) {
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      events.add(at(TEN + i * 20 * MINUTE));
    }
    return events;
  }

  private static Published row(Session session) {
    return new Published(session.id(), session.startMs(), session, true);
  }
}
