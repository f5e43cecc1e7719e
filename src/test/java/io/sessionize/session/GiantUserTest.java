package io.sessionize.session;

import static io.sessionize.session.Clicks.HOUR;
import static io.sessionize.session.Clicks.TEN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.sessionize.session.Outcome.Change;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.Test;

/** A million events of one user take seconds; quadratic work on them would take days. */
class GiantUserTest {
  private static final int EVENTS = 1_000_000;
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Rules RULES =
      new Rules(
          Duration.ofMinutes(30),
          Duration.ofHours(2),
          null,
          List.of("logout"),
          List.of("campaign"),
          DayZone.of("Europe/Berlin"),
          "page_name = 'login'",
          "page_name = 'bye'",
          2L * EVENTS);

  @Test
  void aMillionEventsInTwoHoursAreOneSessionAndALateOneJoinsIt() {
    assertTimeoutPreemptively(
        PATIENCE, () -> assertIsOneSession(i -> TEN + 2 * HOUR * i / (EVENTS - 1)));
  }

  @Test
  void aMillionEventsOfOneMomentAreOneSessionAndALateOneJoinsIt() {
    assertTimeoutPreemptively(PATIENCE, () -> assertIsOneSession(i -> TEN));
  }

  private static void assertIsOneSession(IntToLongFunction timeMs) {
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < EVENTS; i++) {
      events.add(Clicks.at(timeMs.applyAsLong(i), "e" + i, "page " + i));
    }
    Collections.shuffle(events, new Random(7));
    Restatement restatement =
        new Restatement(RULES, PageConditions.of(RULES), TEN + 10 * HOUR, DamagedRows.KEEP);

    Outcome closed = only(restatement.restate("ann", List.of(), List.of(), events));
    assertEquals(Change.ADDED, closed.change());
    assertEquals(EVENTS, closed.newEvents());
    assertEquals(EVENTS, closed.session().pagesVisited().size());

    Session session = closed.session();
    Published row = new Published(session.id(), session.startMs(), session, true);
    Event late = Clicks.at(timeMs.applyAsLong(EVENTS / 2), "late", "late");
    Outcome restated = only(restatement.restate("ann", List.of(), List.of(row), List.of(late)));
    assertEquals(Change.CHANGED, restated.change());
    assertEquals(1, restated.newEvents());
    assertEquals(EVENTS + 1, restated.session().events().size());
  }

  private static Outcome only(List<Outcome> outcomes) {
    assertEquals(1, outcomes.size());
    return outcomes.get(0);
  }
}
