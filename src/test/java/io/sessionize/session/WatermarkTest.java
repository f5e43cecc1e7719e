package io.sessionize.session;

import static io.sessionize.session.Clicks.HOUR;
import static io.sessionize.session.Clicks.MINUTE;
import static io.sessionize.session.Clicks.TEN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rows 'watermark' and 'silence' of the design, sentence by sentence. */
class WatermarkTest {
  private static final Duration DELAY = Duration.ofMinutes(10);
  private static final long DELAY_MS = DELAY.toMillis();

  private static final Partition WEB_0 = new Partition("web", 0);

  /** A run's own time, later than all that its events show. */
  private static final long EVENING = TEN + 12 * HOUR;

  @Test
  void itIsTheGreatestEventTimeLessTheDelay() {
    assertEquals(TEN - DELAY_MS, events(Watermark.START, shown(0, TEN)).publishedMs());
  }

  @Test
  void ofSeveralPartitionsTheSlowestCounts() {
    // A lagging partition does not make its own events late.
    assertEquals(
        TEN - HOUR - DELAY_MS,
        events(Watermark.START, shown(0, TEN, 1, TEN - HOUR, 2, TEN + HOUR)).publishedMs());
  }

  @Test
  void partitionsOfTheSameNumberInTwoTopicsAreTwo() {
    Partition app = new Partition("app", 0);
    Watermark before = events(Watermark.START, Map.of(WEB_0, TEN, app, TEN - HOUR));
    assertEquals(TEN - HOUR - DELAY_MS, before.publishedMs());
    Watermark after = events(before, Map.of(WEB_0, TEN + HOUR));
    assertEquals(TEN + HOUR - DELAY_MS, after.publishedMs());
    assertEquals(Map.of(WEB_0, TEN + HOUR, app, TEN - HOUR), after.shown());
  }

  @Test
  void itNeverGoesBack() {
    Watermark before = events(Watermark.START, shown(0, TEN));
    assertEquals(before.publishedMs(), events(before, shown(1, TEN - HOUR)).publishedMs());
  }

  @Test
  void aQuietPartitionHoldsNobodyBack() {
    Watermark before = events(Watermark.START, shown(0, TEN, 1, TEN));
    assertEquals(TEN + HOUR - DELAY_MS, events(before, shown(0, TEN + HOUR)).publishedMs());
  }

  @Test
  void aReplayOfOldDataIntoOnePartitionDoesNotStallIt() {
    // Given a partition that has shown eleven o'clock
    Watermark before = events(Watermark.START, shown(0, TEN, 1, TEN + HOUR));

    // When it shows a day that is long past, while the other one goes on
    Watermark after = events(before, shown(0, TEN + HOUR, 1, TEN - 24 * HOUR));

    assertEquals(TEN + HOUR - DELAY_MS, after.publishedMs());
    assertEquals(shown(0, TEN + HOUR, 1, TEN + HOUR), after.shown());
  }

  @Test
  void aPartitionNeverSeenBeforeHoldsItBackUntilItHasCaughtUp() {
    Watermark before = events(Watermark.START, shown(0, TEN));
    Watermark lagging = events(before, shown(0, TEN + HOUR, 1, TEN - HOUR));
    assertEquals(TEN - DELAY_MS, lagging.publishedMs());
    Watermark level = events(lagging, shown(0, TEN + HOUR, 1, TEN + HOUR));
    assertEquals(TEN + HOUR - DELAY_MS, level.publishedMs());
  }

  @Test
  void itIsNeverLaterThanTheRunsOwnTime() {
    Watermark after = Watermark.START.afterEvents(shown(0, TEN), TEN, Duration.ZERO, TEN);
    assertEquals(TEN, after.publishedMs());
    assertEquals(TEN, after.afterIdle(Duration.ZERO, TEN - HOUR).publishedMs());
  }

  @Test
  void withoutNewEventsNothingMoves() {
    Watermark before = events(Watermark.START, shown(0, TEN));
    assertEquals(before, before.afterEvents(Map.of(), TEN, DELAY, EVENING));
  }

  @Test
  void aPartitionsTimeThatLiesAheadOfTheClockIsDroppedSoThatPoisonedTablesHeal() {
    Watermark poisoned = new Watermark(TEN, shown(0, EVENING + HOUR, 1, TEN), TEN, Watermark.NONE);

    Watermark after = events(poisoned, shown(0, TEN + HOUR, 1, TEN + 2 * HOUR));

    assertEquals(shown(0, TEN + HOUR, 1, TEN + 2 * HOUR), after.shown());
    assertEquals(TEN + HOUR - DELAY_MS, after.publishedMs());
    Watermark silent = poisoned.afterIdle(DELAY, TEN + HOUR);
    assertEquals(shown(1, TEN), silent.shown());
    assertEquals(TEN + HOUR - DELAY_MS, silent.publishedMs());
  }

  @Test
  void theNewestRecordIsKeptWhateverTheOrder() {
    Watermark before = Watermark.START.afterEvents(shown(0, TEN), TEN + 5, DELAY, EVENING);
    assertEquals(TEN + 5, before.newestRecordMs());
    assertEquals(TEN + 5, before.afterEvents(shown(0, TEN), TEN, DELAY, EVENING).newestRecordMs());
    assertEquals(
        TEN + 9, before.afterEvents(shown(0, TEN), TEN + 9, DELAY, EVENING).newestRecordMs());
  }

  @Test
  void anOtherTableThatIsAheadMovesWhatIsPublishedAlone() {
    Watermark before = events(Watermark.START, shown(0, TEN));
    Watermark ahead = before.atLeast(TEN + HOUR);
    assertEquals(TEN + HOUR, ahead.publishedMs());
    assertEquals(before.shown(), ahead.shown());
    assertEquals(before, before.atLeast(TEN - HOUR));
  }

  @Test
  void inSilenceTimeGoesOnAtTheClocksPace() {
    // Given a greatest event time of ten, in a record sent five minutes later
    Watermark before =
        Watermark.START.afterEvents(
            shown(0, TEN, 1, TEN - HOUR), TEN + 5 * MINUTE, DELAY, TEN + 5 * MINUTE);

    // When two hours later nothing more has come
    Watermark after = before.afterIdle(DELAY, TEN + 2 * HOUR + 5 * MINUTE);

    assertEquals(TEN + 2 * HOUR - DELAY_MS, after.publishedMs());
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 60_000})
  void silenceIsTheSameInOneStepOrInSeveral(long step) {
    Watermark before = events(Watermark.START, shown(0, TEN));
    assertEquals(
        before.afterIdle(DELAY, EVENING),
        before.afterIdle(DELAY, EVENING - step).afterIdle(DELAY, EVENING));
  }

  @Test
  void theLastSessionOfTheNightIsClosedByTheNextRun() {
    long end = TEN;
    Watermark before =
        Watermark.START.afterEvents(shown(0, end), end + 1000, DELAY, end + 2 * MINUTE);
    long timeout = Rules.DEFAULT.timeoutMs();
    assertTrue(before.publishedMs() <= end + timeout);

    Watermark nextHour = before.afterIdle(DELAY, end + 62 * MINUTE);

    assertTrue(nextHour.publishedMs() > end + timeout);
  }

  @Test
  void aRecordFromTheFutureDoesNotHoldSilenceBack() {
    Watermark before =
        Watermark.START.afterEvents(shown(0, TEN), Long.MAX_VALUE / 1000, DELAY, TEN + MINUTE);
    assertEquals(EVENING - MINUTE - DELAY_MS, before.afterIdle(DELAY, EVENING).publishedMs());
  }

  @Test
  void aRunWhoseClockIsBehindKafkasDoesNotLetTheNextSilenceRunAhead() {
    // Given a run whose clock is three hours behind that of the record which it reads
    Watermark before =
        Watermark.START.afterEvents(shown(0, TEN), TEN + 4 * HOUR, DELAY, TEN + HOUR);

    // When an idle run with the right clock comes a minute after that record
    Watermark after = before.afterIdle(DELAY, TEN + 4 * HOUR + MINUTE);

    // Then a minute has passed in silence, and not three hours
    assertEquals(TEN + MINUTE - DELAY_MS, after.publishedMs());
    assertEquals(TEN + 4 * HOUR, after.newestRecordMs());
  }

  @Test
  void silenceNeverMovesThePartitionsTimes() {
    Watermark before = events(Watermark.START, shown(0, TEN));
    Watermark after = before.afterIdle(DELAY, EVENING);
    assertTrue(after.publishedMs() > before.publishedMs());
    assertEquals(before.shown(), after.shown());
    assertEquals(before.newestRecordMs(), after.newestRecordMs());
  }

  @Test
  void silenceNeverMovesItPastTheRunsOwnTime() {
    // Given an event ahead of its own record, as far as the clock skew allows
    Watermark before =
        Watermark.START.afterEvents(
            shown(0, TEN + 10 * MINUTE), TEN, Duration.ZERO, TEN + 10 * MINUTE);
    long later = TEN + 11 * MINUTE;
    assertEquals(later, before.afterIdle(Duration.ZERO, later).publishedMs());
  }

  @Test
  void aClockThatGoesBackInSilenceMovesNothingBack() {
    Watermark before = events(Watermark.START, shown(0, TEN));
    assertEquals(before.publishedMs(), before.afterIdle(DELAY, TEN - HOUR).publishedMs());
  }

  @Test
  void beforeTheFirstEventThereIsNothingToBeSilentAbout() {
    assertEquals(Watermark.START, Watermark.START.afterIdle(DELAY, EVENING));
  }

  @Test
  void afterSilenceEventsCatchUpWithIt() {
    Watermark silent = events(Watermark.START, shown(0, TEN)).afterIdle(DELAY, TEN + HOUR);
    // An event older than the silence has let the watermark come is late, and moves nothing back.
    Watermark late = events(silent, shown(0, TEN + 20 * MINUTE));
    assertEquals(silent.publishedMs(), late.publishedMs());
    Watermark onTime = events(late, shown(0, TEN + 2 * HOUR));
    assertEquals(TEN + 2 * HOUR - DELAY_MS, onTime.publishedMs());
  }

  @Test
  void itIsAValueThatNobodyCanChange() {
    Map<Partition, Long> shown = shown(0, TEN);
    Watermark watermark = new Watermark(TEN, shown, TEN, Watermark.NONE);
    shown.put(WEB_0, 0L);
    assertEquals(shown(0, TEN), watermark.shown());
    assertThrows(UnsupportedOperationException.class, () -> watermark.shown().put(WEB_0, TEN));
  }

  /** A step whose records were sent when their greatest event happened. */
  private static Watermark events(Watermark before, Map<Partition, Long> greatest) {
    long newest = greatest.values().stream().mapToLong(Long::longValue).max().orElseThrow();
    return before.afterEvents(greatest, newest, DELAY, EVENING);
  }

  /** Partitions of one topic, each with the greatest time that it has shown. */
  private static Map<Partition, Long> shown(long... numbersAndTimes) {
    Map<Partition, Long> shown = new HashMap<>();
    for (int i = 0; i < numbersAndTimes.length; i += 2) {
      shown.put(new Partition("web", (int) numbersAndTimes[i]), numbersAndTimes[i + 1]);
    }
    return shown;
  }
}
