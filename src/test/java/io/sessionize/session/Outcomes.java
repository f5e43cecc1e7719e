package io.sessionize.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.sessionize.session.Outcome.Change;
import java.util.List;

/** Checks of outcomes that several tests share. */
final class Outcomes {
  private Outcomes() {}

  /** Returns the only outcome. */
  static Outcome only(List<Outcome> outcomes) {
    assertEquals(1, outcomes.size(), outcomes.toString());
    return outcomes.get(0);
  }

  /** Fails unless the outcome removes this row. */
  static void assertRemoved(Published row, Outcome outcome) {
    assertEquals(Change.REMOVED, outcome.change());
    assertEquals(row, outcome.stored());
    assertEquals(row.sessionId(), outcome.sessionId());
    assertFalse(outcome.open());
    assertFalse(outcome.published());
    assertEquals(0, outcome.newEvents());
  }
}
