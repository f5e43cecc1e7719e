package io.sessionize.session;

import static io.sessionize.session.Clicks.HOUR;
import static io.sessionize.session.Clicks.TEN;
import static io.sessionize.session.Clicks.at;
import static io.sessionize.session.Clicks.session;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.sessionize.session.Outcome.Change;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConflictingCopiesTest {
  private static final long DAY_AFTER = TEN + 24 * HOUR;
  private static final Event FIRST = at(TEN, "e1", "a");
  private static final Event SECOND = at(TEN, "e1", "b");
  private static final Event THIRD = at(TEN, "e1", "c");

  @Test
  void equalCopiesDoNotConflict() {
    assertEquals(0, conflicts(List.of(FIRST, FIRST), List.of()));
    assertEquals(0, conflicts(List.of(FIRST, FIRST), List.of(FIRST)));
  }

  @Test
  void twoCopiesThatDifferCountOnceInWhateverBatchesTheyAreRead() {
    assertEquals(1, conflicts(List.of(FIRST, SECOND), List.of()));
    assertEquals(1, conflicts(List.of(FIRST), List.of(SECOND)));
    assertEquals(1, conflicts(List.of(SECOND), List.of(FIRST)));
  }

  @Test
  void eachCopyThatDiffersFromTheKeptOneCounts() {
    assertEquals(2, conflicts(List.of(THIRD, FIRST, SECOND), List.of()));
    assertEquals(2, conflicts(List.of(SECOND, FIRST, SECOND), List.of()));
    assertEquals(2, conflicts(List.of(SECOND, SECOND), List.of(FIRST)));
  }

  @Test
  void aCopyOfAnotherDefinitionOrOfAnotherEventDoesNotConflict() {
    Event newer = new Event(TEN, null, "e1", 2, "z", null, null);
    assertEquals(0, conflicts(List.of(newer), List.of(FIRST)));
    assertEquals(0, conflicts(List.of(FIRST, at(TEN, "e2", "b")), List.of(newer)));
  }

  /** A session that is published and open is in both tables. */
  @Test
  void anEventThatIsStoredTwiceCountsOnce() {
    Session stored = session(SECOND);
    List<Outcome> outcomes =
        new Restatement(Rules.DEFAULT, TEN)
            .restate(
                "ann",
                List.of(stored),
                List.of(new Published(stored.id(), TEN, stored, true)),
                List.of(FIRST));
    assertEquals(1, count(outcomes));
  }

  @Test
  void aSessionThatDoesNotChangeHasAnOutcomeForItsConflicts() {
    Session stored = session(FIRST);
    Outcome outcome =
        Outcomes.only(
            new Restatement(Rules.DEFAULT, DAY_AFTER)
                .restate(
                    "ann",
                    List.of(),
                    List.of(new Published(stored.id(), TEN, stored, true)),
                    List.of(SECOND)));
    assertEquals(Change.NONE, outcome.change());
    assertFalse(outcome.open());
    assertEquals(1, outcome.conflictingCopies());
  }

  /** Copies that come together with these in staging. */
  private static int conflicts(List<Event> fresh, List<Event> staged) {
    List<Session> open = staged.isEmpty() ? List.of() : Clicks.cut(Rules.DEFAULT, staged);
    return count(new Restatement(Rules.DEFAULT, TEN).restate("ann", open, List.of(), fresh));
  }

  private static int count(List<Outcome> outcomes) {
    return outcomes.stream().mapToInt(Outcome::conflictingCopies).sum();
  }
}
