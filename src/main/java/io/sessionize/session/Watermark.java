package io.sessionize.session;

import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * How far event time has come. A value; every step returns a new one. All times are epoch
 * milliseconds; {@link #NONE} stands for 'nothing seen yet'.
 *
 * <p>{@code max(previous, min over the partitions with new events of the greatest event time that
 * partition has ever shown - delay)}: a lagging partition does not make its own events late, a
 * quiet one holds nobody back, and a replay of old data into one partition does not stall it.
 *
 * <p>Only an event that does not lie ahead of the run's own clock is evidence of time. A
 * partition's time that lies ahead of it is dropped, so that tables heal which an older version let
 * poison.
 *
 * @param publishedMs events before this are late, sessions that ended a timeout before it are
 *     closed
 * @param shown the greatest event time that each Kafka partition has ever shown as evidence
 * @param newestRecordMs the newest Kafka timestamp of a record that was evidence, at most the clock
 *     of the run that saw it
 * @param aheadMs the newest Kafka timestamp that lay ahead of the clock of the run that saw it; it
 *     counts once a run's clock has reached it
 */
public record Watermark(
    long publishedMs, Map<Integer, Long> shown, long newestRecordMs, long aheadMs) {

  /** Far enough back to be before every event, near enough to subtract from. */
  public static final long NONE = Long.MIN_VALUE / 4;

  public static final Watermark START = new Watermark(NONE, Map.of(), NONE, NONE);

  public Watermark {
    shown = Map.copyOf(shown);
  }

  /** Never earlier than another table has published already. */
  public Watermark atLeast(long otherPublishedMs) {
    return new Watermark(Math.max(publishedMs, otherPublishedMs), shown, newestRecordMs, aheadMs);
  }

  /**
   * The watermark after a batch with new events.
   *
   * @param greatest the greatest event time of each partition that had evidence, none of it ahead
   *     of the run's clock
   * @param newestMs the newest Kafka timestamp among the records of new events
   * @param runTimeMs the run's own clock, which no watermark passes
   */
  public Watermark afterEvents(
      Map<Integer, Long> greatest, long newestMs, Duration delay, long runTimeMs) {
    Watermark known = knownAt(runTimeMs).seen(newestMs, runTimeMs);
    if (greatest.isEmpty()) {
      return known;
    }
    Map<Integer, Long> nowShown = new TreeMap<>(known.shown);
    greatest.forEach((partition, time) -> nowShown.merge(partition, time, Math::max));
    long slowest =
        greatest.keySet().stream().mapToLong(nowShown::get).min().orElseThrow() - delay.toMillis();
    return new Watermark(
        Math.max(publishedMs, Math.min(slowest, runTimeMs)),
        nowShown,
        known.newestRecordMs,
        known.aheadMs);
  }

  /**
   * The watermark after a run that found no event at all: time has gone on at the clock's pace
   * since the newest record, so that the last session of the night is closed without new traffic.
   *
   * @param runTimeMs the run's own clock, which no watermark passes
   */
  public Watermark afterSilence(Duration delay, long runTimeMs) {
    Watermark known = knownAt(runTimeMs);
    if (known.shown.isEmpty()) {
      return known;
    }
    long silence = Math.max(0, runTimeMs - known.newestRecordMs);
    long reached = Math.min(max(known.shown.values()) + silence, runTimeMs) - delay.toMillis();
    return new Watermark(
        Math.max(publishedMs, reached), known.shown, known.newestRecordMs, known.aheadMs);
  }

  /** Without what lies ahead of a clock, and with what lay ahead of an earlier one. */
  private Watermark knownAt(long clockMs) {
    Map<Integer, Long> evident = new TreeMap<>(shown);
    evident.values().removeIf(time -> time > clockMs);
    boolean reached = aheadMs <= clockMs;
    return new Watermark(
        publishedMs,
        evident,
        Math.min(reached ? Math.max(newestRecordMs, aheadMs) : newestRecordMs, clockMs),
        reached ? NONE : aheadMs);
  }

  private Watermark seen(long recordMs, long clockMs) {
    return new Watermark(
        publishedMs,
        shown,
        Math.max(newestRecordMs, Math.min(recordMs, clockMs)),
        recordMs > clockMs ? Math.max(aheadMs, recordMs) : aheadMs);
  }

  private static long max(Collection<Long> times) {
    return Collections.max(times);
  }
}
