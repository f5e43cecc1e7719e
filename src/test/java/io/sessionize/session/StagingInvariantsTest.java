package io.sessionize.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sessionize.session.CheckedRow.Place;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each invariant of a row of staging. */
class StagingInvariantsTest {
  private static final long WATERMARK = 10_000_000_000L;
  private static final long END = WATERMARK - 60_000;
  private static final StagingInvariants STAGING =
      new StagingInvariants(Rules.DEFAULT, WATERMARK, "s.sessions");

  private static CheckedRow row(Place place, Long endMs, String reason) {
    return new CheckedRow(place, "ann", "ann_session_1", 1L, endMs, reason, null, null);
  }

  private static final CheckedRow STORED = row(Place.SESSIONS, END, "inactivity");

  @Test
  void whatAgreesBreaksNothing() {
    assertEquals(
        List.of(), STAGING.brokenBy(row(Place.OPEN_PUBLISHED, END, "inactivity"), STORED, 1));
    assertEquals(List.of(), STAGING.brokenBy(row(Place.OPEN, END, "inactivity"), null, 1));
    // What is missing is not known; copies of a session that is not published are an id twice.
    assertEquals(List.of(), STAGING.brokenBy(row(Place.OPEN_UNKNOWN, null, null), STORED, 2));
    assertEquals(List.of(), STAGING.brokenBy(row(Place.OPEN, END, null), null, 2));
    assertEquals(List.of(), STAGING.brokenBy(row(Place.OPEN_PUBLISHED, null, null), STORED, 1));
  }

  @Test
  void eachDifferenceIsReported() {
    assertEquals(
        List.of(
            new BrokenInvariant(
                "published_differs",
                "staging says published = true, but s.sessions does not hold it"),
            new BrokenInvariant("id_twice", "2 rows of staging")),
        STAGING.brokenBy(row(Place.OPEN_PUBLISHED, END, "inactivity"), null, 2));
    assertEquals(
        List.of(
            new BrokenInvariant(
                "published_differs", "staging says published = false, but s.sessions holds it")),
        STAGING.brokenBy(row(Place.OPEN, END, "boundary"), STORED, 1));
    assertEquals(
        List.of(
            new BrokenInvariant(
                "copies_differ",
                "its end and close_reason are "
                    + END
                    + " and boundary in staging, "
                    + END
                    + " and inactivity in s.sessions")),
        STAGING.brokenBy(row(Place.OPEN_PUBLISHED, END, "boundary"), STORED, 1));
    long timeout = Rules.DEFAULT.timeoutMs();
    assertEquals(
        List.of(), STAGING.brokenBy(row(Place.OPEN, WATERMARK - timeout, "inactivity"), null, 1));
    assertEquals(
        List.of(new BrokenInvariant("not_closed", "is open, but the watermark has closed it")),
        STAGING.brokenBy(row(Place.OPEN, WATERMARK - timeout - 1, "inactivity"), null, 1));
  }
}
