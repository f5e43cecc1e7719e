package io.sessionize.session;

import java.time.Duration;
import java.util.Collection;
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
 * @param publishedMs events before this are late, sessions that ended a timeout before it are
 *     closed
 * @param eventsMs the part of it that events alone have moved, without silence; the late horizon
 *     counts from here
 * @param shown the greatest event time that each Kafka partition has ever shown
 * @param newestRecordMs the newest Kafka timestamp of a record that held an event
 */
public record Watermark(
    long publishedMs, long eventsMs, Map<Integer, Long> shown, long newestRecordMs) {

  /** Far enough back to be before every event, near enough to subtract from. */
  public static final long NONE = Long.MIN_VALUE / 4;

  public static final Watermark START = new Watermark(NONE, NONE, Map.of(), NONE);

  public Watermark {
    shown = Map.copyOf(shown);
  }

  /** Never earlier than another table has published already. */
  public Watermark atLeast(long otherPublishedMs) {
    return new Watermark(Math.max(publishedMs, otherPublishedMs), eventsMs, shown, newestRecordMs);
  }

  /**
   * After a batch with new events.
   *
   * @param greatest the greatest event time of each partition that had any
   * @param newestMs the newest Kafka timestamp among their records
   * @param runTimeMs the run's own time, which no watermark passes
   */
  public Watermark afterEvents(
      Map<Integer, Long> greatest, long newestMs, Duration delay, long runTimeMs) {
    if (greatest.isEmpty()) {
      return this;
    }
    Map<Integer, Long> nowShown = new TreeMap<>(shown);
    greatest.forEach((partition, time) -> nowShown.merge(partition, time, Math::max));
    long slowest = NONE;
    for (int partition : greatest.keySet()) {
      long time = nowShown.get(partition);
      slowest = slowest == NONE ? time : Math.min(slowest, time);
    }
    long reached = Math.min(slowest - delay.toMillis(), runTimeMs);
    return new Watermark(
        Math.max(publishedMs, reached),
        Math.max(eventsMs, reached),
        nowShown,
        // A record that claims to come from the future came before this run: silence follows it.
        Math.max(newestRecordMs, Math.min(newestMs, runTimeMs)));
  }

  /**
   * After a run that found no event at all: time has gone on at the clock's pace since the newest
   * record, so that the last session of the night is closed without new traffic.
   */
  public Watermark afterSilence(Duration delay, long runTimeMs) {
    if (shown.isEmpty()) {
      return this;
    }
    long silence = Math.max(0, runTimeMs - newestRecordMs);
    long reached = Math.min(max(shown.values()) + silence - delay.toMillis(), runTimeMs);
    return new Watermark(Math.max(publishedMs, reached), eventsMs, shown, newestRecordMs);
  }

  private static long max(Collection<Long> times) {
    return times.stream().mapToLong(Long::longValue).max().orElse(NONE);
  }
}
