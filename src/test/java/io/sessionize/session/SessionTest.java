package io.sessionize.session;

import static io.sessionize.session.Clicks.TEN;
import static io.sessionize.session.Clicks.at;
import static io.sessionize.session.Clicks.session;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SessionTest {

  @Test
  void theIdIsTheUserAndTheStart() {
    assertEquals("ann_session_" + TEN, session(at(TEN), at(TEN + 5)).id());
  }

  @Test
  void theFirstAndTheLastEventAreItsEnds() {
    Session session = session(at(TEN), at(TEN + 5), at(TEN + 7));
    assertEquals(TEN, session.startMs());
    assertEquals(TEN + 7, session.endMs());
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "999, 0", "1000, 1", "1999, 1", "7200000, 7200"})
  void theDurationIsInWholeSecondsRoundedDown(long lengthMs, long seconds) {
    assertEquals(seconds, session(at(TEN), at(TEN + lengthMs)).durationSeconds());
  }

  @Test
  void eachPageIsListedOnceInTheOrderFirstSeen() {
    assertEquals(
        List.of("search", "home", "booking"), pages("search", "home", "search", "booking", "home"));
  }

  @Test
  void eventsWithoutAPageAreLeftOut() {
    assertEquals(List.of("home"), pages(null, "home", null));
    assertEquals(List.of(), pages(null, null));
  }

  @Test
  void anEmptyPageNameIsAPage() {
    assertEquals(List.of("", "home"), pages("", "home", ""));
  }

  @ParameterizedTest
  @EnumSource(CloseReason.class)
  void aCloseReasonIsReadBackFromItsText(CloseReason reason) {
    assertEquals(reason, CloseReason.of(reason.text()));
  }

  @Test
  void anUnknownCloseReasonIsNull() {
    assertNull(CloseReason.of("INACTIVITY"));
    assertNull(CloseReason.of(""));
    assertNull(CloseReason.of(null));
  }

  private static List<String> pages(String... pages) {
    Event[] events = new Event[pages.length];
    Arrays.setAll(events, i -> at(TEN + i, "e" + i, pages[i]));
    return session(events).pagesVisited();
  }
}
