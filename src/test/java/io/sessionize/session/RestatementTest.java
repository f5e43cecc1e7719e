package io.sessionize.session;

import static io.sessionize.session.Clicks.HOUR;
import static io.sessionize.session.Clicks.MINUTE;
import static io.sessionize.session.Clicks.TEN;
import static io.sessionize.session.Clicks.at;
import static io.sessionize.session.Clicks.session;
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
import org.junit.jupiter.params.provider.EnumSource;

class RestatementTest {
  /** Long after every event here: everything is closed. */
  private static final long DAY_AFTER = TEN + 24 * HOUR;

  private static final List<Session> NOTHING_OPEN = List.of();
  private static final List<Published> NOTHING_PUBLISHED = List.of();
  private static final List<Event> NO_EVENTS = List.of();

  @Test
  void ofNothingComesNothing() {
    assertEquals(List.of(), restate(DAY_AFTER, NOTHING_OPEN, NOTHING_PUBLISHED, NO_EVENTS));
  }

  @ParameterizedTest(name = "watermark {0} ms after end and timeout: open {1}")
  @CsvSource({"-1, true", "0, true", "1, false"})
  void aSessionIsClosedWhenTheWatermarkIsLaterThanItsEndAndTheTimeout(long after, boolean open) {
    Outcome outcome =
        only(restate(TEN + 30 * MINUTE + after, NOTHING_OPEN, NOTHING_PUBLISHED, List.of(at(TEN))));

    assertEquals(open, outcome.open());
    assertEquals(!open, outcome.published());
    assertEquals(open ? Change.NONE : Change.INSERT, outcome.change());
  }

  @Test
  void aNewOpenSessionGoesToStagingAlone() {
    Outcome outcome =
        only(restate(TEN, NOTHING_OPEN, NOTHING_PUBLISHED, List.of(at(TEN), at(TEN + MINUTE))));

    assertEquals(session(at(TEN), at(TEN + MINUTE)), outcome.session());
    assertEquals(Change.NONE, outcome.change());
    assertTrue(outcome.open());
    assertFalse(outcome.published());
    assertFalse(outcome.carried());
    assertEquals(2, outcome.added());
  }

  @Test
  void anOpenSessionGoesOnWhereStagingLeftIt() {
    Outcome outcome =
        only(
            restate(
                TEN,
                List.of(session(at(TEN))),
                NOTHING_PUBLISHED,
                List.of(at(TEN + MINUTE), at(TEN + 2 * MINUTE))));

    assertEquals(session(at(TEN), at(TEN + MINUTE), at(TEN + 2 * MINUTE)), outcome.session());
    assertTrue(outcome.carried());
    assertEquals(2, outcome.added());
  }

  @Test
  void anOpenSessionIsPublishedWhenTheWatermarkHasPassedIt() {
    Outcome outcome =
        only(restate(DAY_AFTER, List.of(session(at(TEN))), NOTHING_PUBLISHED, NO_EVENTS));

    assertEquals(Change.INSERT, outcome.change());
    assertFalse(outcome.open());
    assertTrue(outcome.published());
    assertTrue(outcome.carried());
    assertEquals(0, outcome.added());
    assertNull(outcome.stored());
  }

  @Test
  void copiesAddNothingWhereverTheFirstOneStands() {
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

    // Then only the new event counts, and the published row stays as it is
    assertEquals(1, only(outcomes).added());
    assertEquals(session(at(TEN + 4 * HOUR), fresh), only(outcomes).session());
  }

  @Test
  void aPublishedRowThatStaysAsItIsYieldsNoOutcome() {
    Published row = row(session(at(TEN), at(TEN + MINUTE)));
    assertEquals(List.of(), restate(DAY_AFTER, NOTHING_OPEN, List.of(row), List.of(at(TEN))));
  }

  @Test
  void aLateEventChangesTheRowItFallsInto() {
    Published row = row(session(at(TEN), at(TEN + 20 * MINUTE)));

    Outcome outcome =
        only(restate(DAY_AFTER, NOTHING_OPEN, List.of(row), List.of(at(TEN + 10 * MINUTE))));

    assertEquals(Change.UPDATE, outcome.change());
    assertEquals(row, outcome.stored());
    assertEquals(row.sessionId(), outcome.sessionId());
    assertEquals(3, outcome.session().events().size());
    assertEquals(1, outcome.added());
    assertFalse(outcome.open());
  }

  @Test
  void aLateEventThatOpensAPublishedSessionRestatesItAndPutsItIntoStagingToo() {
    // Given a session that the watermark has just closed
    Published row = row(session(at(TEN)));
    long watermark = TEN + 30 * MINUTE + 1;

    // When an event arrives that prolongs it
    Outcome outcome =
        only(restate(watermark, NOTHING_OPEN, List.of(row), List.of(at(TEN + 20 * MINUTE))));

    // Then it is open again, and yet never leaves the sessions table
    assertTrue(outcome.open());
    assertTrue(outcome.published());
    assertEquals(Change.UPDATE, outcome.change());
    assertFalse(outcome.carried());
  }

  @Test
  void anOpenPublishedSessionStaysInBothTables() {
    Session session = session(at(TEN));

    Outcome outcome = only(restate(TEN, List.of(session), List.of(row(session)), NO_EVENTS));

    assertEquals(Change.NONE, outcome.change());
    assertTrue(outcome.open());
    assertTrue(outcome.published());
    assertEquals(0, outcome.added());
  }

  @Test
  void whatStagingHoldsAfterACrashButTheSessionsTableTooIsNotPublishedTwice() {
    Session session = session(at(TEN));
    assertEquals(List.of(), restate(DAY_AFTER, List.of(session), List.of(row(session)), NO_EVENTS));
  }

  @Test
  void aLateEventBetweenTwoRowsJoinsThemAndTheAbsorbedRowGoes() {
    Published first = row(session(at(TEN)));
    Published second = row(session(at(TEN + 40 * MINUTE)));

    List<Outcome> outcomes =
        restate(DAY_AFTER, NOTHING_OPEN, List.of(first, second), List.of(at(TEN + 20 * MINUTE)));

    assertEquals(2, outcomes.size());
    assertEquals(Change.UPDATE, outcomes.get(0).change());
    assertEquals(first.sessionId(), outcomes.get(0).sessionId());
    assertEquals(3, outcomes.get(0).session().events().size());
    assertEquals(1, outcomes.get(0).added());
    assertDeleted(second, outcomes.get(1));
  }

  @Test
  void aLateEventBeforeTheStartGivesTheSessionAnotherIdAndTheOldRowGoes() {
    Published row = row(session(at(TEN)));

    List<Outcome> outcomes =
        restate(DAY_AFTER, NOTHING_OPEN, List.of(row), List.of(at(TEN - 10 * MINUTE)));

    assertEquals(Change.INSERT, outcomes.get(0).change());
    assertEquals(Session.id("ann", TEN - 10 * MINUTE), outcomes.get(0).sessionId());
    assertDeleted(row, outcomes.get(1));
  }

  @Test
  void aPublishedRowThatAnOpenSessionAbsorbsGoesAndTheSessionIsPublished() {
    // Given a closed row, and an open session that began 40 minutes after it
    Published row = row(session(at(TEN)));
    Session open = session(at(TEN + 40 * MINUTE));

    // When a late event bridges them
    List<Outcome> outcomes =
        restate(TEN + 45 * MINUTE, List.of(open), List.of(row), List.of(at(TEN + 20 * MINUTE)));

    // Then the one session has the row's id, stands in both tables, and nothing is deleted
    Outcome outcome = only(outcomes);
    assertEquals(row.sessionId(), outcome.sessionId());
    assertEquals(Change.UPDATE, outcome.change());
    assertTrue(outcome.open());
    assertTrue(outcome.published());
    assertFalse(outcome.carried());
  }

  @Test
  void aLateEventThatMakesASessionTooLongMovesTheCutBehindIt() {
    // Given two rows, of which the maximum duration cut the first
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

    // Then both sessions are as if everything had come at once, and both old rows go
    List<Session> after = Clicks.cut(Rules.DEFAULT, all);
    assertEquals(after, outcomes.subList(0, 2).stream().map(Outcome::session).toList());
    assertEquals(
        List.of(Change.INSERT, Change.INSERT, Change.DELETE, Change.DELETE),
        outcomes.stream().map(Outcome::change).toList());
    assertEquals(1, outcomes.stream().mapToInt(Outcome::added).sum());
  }

  @Test
  void aRowWhoseCloseReasonIsAnotherNowIsUpdated() {
    // Given a session of two hours that ended, as far as was known, by inactivity
    List<Event> events = everyTwentyMinutes(7);
    Published row = row(new Session("ann", events, CloseReason.INACTIVITY));

    // When the event arrives that would have made it too long
    List<Outcome> outcomes =
        restate(DAY_AFTER, NOTHING_OPEN, List.of(row), List.of(at(TEN + 2 * HOUR + 10 * MINUTE)));

    assertEquals(Change.UPDATE, outcomes.get(0).change());
    assertEquals(CloseReason.MAX_DURATION, outcomes.get(0).session().closeReason());
    assertEquals(Change.INSERT, outcomes.get(1).change());
  }

  @Test
  void aSmallerContentOfAKnownEventRestatesTheRowAndAddsNothing() {
    Published row = row(session(at(TEN, "a", "search")));

    Outcome outcome =
        only(restate(DAY_AFTER, NOTHING_OPEN, List.of(row), List.of(at(TEN, "a", "home"))));

    assertEquals(Change.UPDATE, outcome.change());
    assertEquals(List.of("home"), outcome.session().pagesVisited());
    assertEquals(0, outcome.added());
  }

  @Test
  void aRowWhoseColumnsWereAlteredByHandIsRestored() {
    Session session = session(at(TEN));
    Published altered = new Published(session.id(), TEN, session, false);

    Outcome outcome = only(restate(DAY_AFTER, NOTHING_OPEN, List.of(altered), NO_EVENTS));

    assertEquals(Change.UPDATE, outcome.change());
    assertEquals(session, outcome.session());
    assertEquals(altered, outcome.stored());
  }

  @Test
  void aRowWhoseKeyWasAlteredByHandIsReplaced() {
    Session session = session(at(TEN));
    Published altered = new Published("ann_session_0", TEN, session, false);

    List<Outcome> outcomes = restate(DAY_AFTER, NOTHING_OPEN, List.of(altered), NO_EVENTS);

    assertEquals(Change.INSERT, outcomes.get(0).change());
    assertEquals(session.id(), outcomes.get(0).sessionId());
    assertDeleted(altered, outcomes.get(1));
  }

  @ParameterizedTest
  @EnumSource
  void aDamagedRowInWhosePlaceNothingStandsStaysAndIsToldOf(DamagedRows what) {
    Published row = damaged(TEN, TEN + 20 * MINUTE);
    Event later = at(TEN + 3 * HOUR);

    List<Outcome> outcomes = restate(what, DAY_AFTER, List.of(row), later);

    assertEquals(2, outcomes.size());
    assertEquals(session(later), outcomes.get(0).session());
    assertFalse(outcomes.get(0).isDamaged());
    assertKept(row, false, outcomes.get(1));
  }

  @Test
  void inARunTheEventsOfADamagedRowDoNotCount() {
    // Given a row of three events of which the second cannot be read
    Published row = damaged(TEN, TEN + 20 * MINUTE, at(TEN), at(TEN + 20 * MINUTE));

    // When a late event falls into it, and a copy of one of its own comes
    List<Outcome> outcomes =
        restate(
            DamagedRows.KEEP, DAY_AFTER, List.of(row), at(TEN + 5 * MINUTE), at(TEN + 20 * MINUTE));

    // Then these make a session of their own
    assertEquals(session(at(TEN + 5 * MINUTE), at(TEN + 20 * MINUTE)), outcomes.get(0).session());
    assertEquals(Change.INSERT, outcomes.get(0).change());
    assertEquals(2, outcomes.get(0).added());
    assertKept(row, false, outcomes.get(1));
  }

  @ParameterizedTest
  @EnumSource
  void whereASessionHasItsIdADamagedRowIsRestatedByAllThatIsKnown(DamagedRows what) {
    Published row = damaged(TEN, TEN + 20 * MINUTE, at(TEN + 20 * MINUTE));

    Outcome outcome = only(restate(what, DAY_AFTER, List.of(row), at(TEN)));

    assertEquals(Change.UPDATE, outcome.change());
    assertEquals(row, outcome.stored());
    assertEquals(session(at(TEN), at(TEN + 20 * MINUTE)), outcome.session());
    assertEquals(1, outcome.added());
  }

  @Test
  void anOpenSessionThatTakesTheIdOfADamagedRowIsPublished() {
    Published row = damaged(TEN, TEN + 20 * MINUTE);

    Outcome outcome = only(restate(DamagedRows.KEEP, TEN, List.of(row), at(TEN)));

    assertEquals(Change.UPDATE, outcome.change());
    assertTrue(outcome.open());
    assertTrue(outcome.published());
  }

  @Test
  void oneDamagedRowLeadsToTheNext() {
    // Given two rows, where what can be read of the first begins as the second is called
    Published first = damaged(TEN + HOUR, TEN + HOUR, at(TEN));
    Published second = damaged(TEN, TEN, at(TEN + MINUTE));

    List<Outcome> outcomes =
        restate(DamagedRows.KEEP, DAY_AFTER, List.of(first, second), at(TEN + HOUR));

    assertEquals(
        List.of(session(at(TEN), at(TEN + MINUTE)), session(at(TEN + HOUR))),
        outcomes.stream().map(Outcome::session).toList());
    assertEquals(
        List.of(Change.UPDATE, Change.UPDATE), outcomes.stream().map(Outcome::change).toList());
  }

  @ParameterizedTest
  @EnumSource(names = {"REPLACE", "REMAKE"})
  void aRepairReplacesADamagedRowWhereASessionOverlapsItsTimes(DamagedRows what) {
    Published row = damaged(TEN, TEN + 20 * MINUTE, at(TEN + 25 * MINUTE));

    // Also where that session is open yet: what was published stays so
    List<Outcome> outcomes = restate(what, TEN, List.of(row), at(TEN + 20 * MINUTE));

    assertEquals(2, outcomes.size());
    assertEquals(Change.INSERT, outcomes.get(0).change());
    assertEquals(session(at(TEN + 20 * MINUTE), at(TEN + 25 * MINUTE)), outcomes.get(0).session());
    assertTrue(outcomes.get(0).open());
    assertTrue(outcomes.get(0).published());
    assertDeleted(row, outcomes.get(1));
  }

  @Test
  void whatCanBeReadOfADamagedRowRemakesItInARecomputeAlone() {
    Published row = damaged(TEN, TEN + 20 * MINUTE, at(TEN), at(TEN + 20 * MINUTE));

    assertKept(row, false, only(restate(DamagedRows.REPLACE, DAY_AFTER, List.of(row))));
    Outcome outcome = only(restate(DamagedRows.REMAKE, DAY_AFTER, List.of(row)));
    assertEquals(Change.UPDATE, outcome.change());
    assertEquals(session(at(TEN), at(TEN + 20 * MINUTE)), outcome.session());
    assertEquals(0, outcome.added());
  }

  @Test
  void ofADamagedRowThatDoesNotSayItsTimesTheIdAloneCounts() {
    Published row = damaged(TEN, Long.MAX_VALUE, Long.MIN_VALUE, List.of());
    assertKept(
        row, false, restate(DamagedRows.REPLACE, DAY_AFTER, List.of(row), at(TEN + 1)).get(1));
    assertEquals(
        Change.UPDATE,
        only(restate(DamagedRows.REPLACE, DAY_AFTER, List.of(row), at(TEN))).change());
  }

  @Test
  void inStagingADamagedRowStaysUntilASessionHasItsId() {
    Published row = damaged(TEN, TEN + 20 * MINUTE, at(TEN + 20 * MINUTE));

    List<Outcome> kept = restateOpen(DamagedRows.KEEP, TEN, row, at(TEN + 5 * MINUTE));
    assertEquals(session(at(TEN + 5 * MINUTE)), kept.get(0).session());
    assertKept(row, true, kept.get(1));

    Outcome same = only(restateOpen(DamagedRows.KEEP, TEN, row, at(TEN)));
    assertEquals(session(at(TEN), at(TEN + 20 * MINUTE)), same.session());
    assertEquals(Change.NONE, same.change());
    assertFalse(same.carried(), "what staging held was no session that anybody could read");
    assertFalse(same.published());
    assertEquals(1, same.added());

    Outcome repaired = only(restateOpen(DamagedRows.REPLACE, TEN, row, at(TEN + 5 * MINUTE)));
    assertEquals(session(at(TEN + 5 * MINUTE), at(TEN + 20 * MINUTE)), repaired.session());
    Outcome remade = only(restateOpen(DamagedRows.REMAKE, TEN, row));
    assertEquals(session(at(TEN + 20 * MINUTE)), remade.session());
  }

  @Test
  void sessionsOfOneUserAreOpenOrClosedEachForItself() {
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
      long watermark, List<Session> carried, List<Published> loaded, List<Event> fresh) {
    return new Restatement(Rules.DEFAULT, watermark).restate("ann", carried, loaded, fresh);
  }

  private static List<Outcome> restate(
      DamagedRows what, long watermark, List<Published> loaded, Event... fresh) {
    return new Restatement(Rules.DEFAULT, watermark, what)
        .restate("ann", NOTHING_OPEN, loaded, List.of(fresh));
  }

  private static List<Outcome> restateOpen(
      DamagedRows what, long watermark, Published open, Event... fresh) {
    return new Restatement(Rules.DEFAULT, watermark, what)
        .restate("ann", NOTHING_OPEN, List.of(open), NOTHING_PUBLISHED, List.of(fresh));
  }

  /** A row that began and ended then, and of which these events can still be read. */
  private static Published damaged(long startMs, long endMs, Event... readable) {
    return damaged(startMs, startMs, endMs, List.of(readable));
  }

  private static Published damaged(long idMs, long fromMs, long toMs, List<Event> readable) {
    return new Published(
        Session.id("ann", idMs),
        idMs,
        new Session("ann", readable, CloseReason.INACTIVITY),
        false,
        new Damage(fromMs, toMs));
  }

  private static void assertKept(Published row, boolean open, Outcome outcome) {
    assertTrue(outcome.isDamaged());
    assertEquals(Change.NONE, outcome.change());
    assertEquals(row, outcome.stored());
    assertEquals(row.sessionId(), outcome.sessionId());
    assertEquals(open, outcome.open());
    assertEquals(0, outcome.added());
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

  private static Outcome only(List<Outcome> outcomes) {
    assertEquals(1, outcomes.size(), outcomes.toString());
    return outcomes.get(0);
  }

  private static void assertDeleted(Published row, Outcome outcome) {
    assertEquals(Change.DELETE, outcome.change());
    assertEquals(row, outcome.stored());
    assertEquals(row.sessionId(), outcome.sessionId());
    assertFalse(outcome.open());
    assertFalse(outcome.published());
    assertEquals(0, outcome.added());
  }
}
