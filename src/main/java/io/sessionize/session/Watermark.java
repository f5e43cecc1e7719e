package io.sessionize.session;

import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The watermark: how far event time has advanced. Immutable. All times are epoch milliseconds;
 * {@link #NONE} means that there is none yet.
 *
 * <p>{@code max(previous, min over the partitions with new events of the greatest event time that
 * partition has ever shown - delay)}: a lagging partition does not make its own events late, an
 * idle partition does not hold the watermark back, and a replay of old data into one partition does
 * not stall it.
 *
 * <p>Only events that are not ahead of the run's clock count. A partition's time that is ahead of
 * the clock is dropped. This repairs tables of older versions, which counted such events.
 *
 * @param publishedMs events before this time are late, sessions that ended a timeout before it are
 *     closed
 * @param shown the greatest event time of each topic partition so far
 * @param newestRecordMs the newest Kafka timestamp of a counted record, at most the clock of its
 *     run
 * @param aheadMs the newest Kafka timestamp that was ahead of the clock of its run; it counts when
 *     the clock of a run reaches it
 */
public record Watermark(
    long publishedMs, Map<Partition, Long> shown, long newestRecordMs, long aheadMs) {

  /** Before every event, and still far from overflow in subtractions. */
  public static final long NONE = Long.MIN_VALUE / 4;

  public static final Watermark START = new Watermark(NONE, Map.of(), NONE, NONE);

  public Watermark {
    shown = Map.copyOf(shown);
  }

  /** This watermark, or the one of another table if that is later. */
  public Watermark atLeast(long otherPublishedMs) {
    return new Watermark(Math.max(publishedMs, otherPublishedMs), shown, newestRecordMs, aheadMs);
  }

  /**
   * The same watermark, with the times of these topics' partitions alone. It does not go back,
   * since it has closed sessions.
   */
  public Watermark ofTopics(Set<String> topics) {
    Map<Partition, Long> some = new TreeMap<>(shown);
    some.keySet().removeIf(partition -> !topics.contains(partition.topic()));
    return new Watermark(publishedMs, some, newestRecordMs, aheadMs);
  }

  /**
   * The watermark after a batch with new events.
   *
   * @param greatest the greatest event time of each partition with new events, none ahead of the
   *     run's clock
   * @param newestMs the newest Kafka timestamp among the records of new events
   * @param runTimeMs the clock of the run, which the watermark never passes
   */
  public Watermark afterEvents(
      Map<Partition, Long> greatest, long newestMs, Duration delay, long runTimeMs) {
    Watermark known = knownAt(runTimeMs).seen(newestMs, runTimeMs);
    if (greatest.isEmpty()) {
      return known;
    }
    Map<Partition, Long> nowShown = new TreeMap<>(known.shown);
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
   * The watermark after a run that found no event. It advances by the time on the clock since the
   * newest record, so that the last session of the night closes without new traffic.
   *
   * @param runTimeMs the clock of the run, which the watermark never passes
   */
  public Watermark afterIdle(Duration delay, long runTimeMs) {
    Watermark known = knownAt(runTimeMs);
    if (known.shown.isEmpty()) {
      return known;
    }
    long idle = Math.max(0, runTimeMs - known.newestRecordMs);
    long reached = Math.min(max(known.shown.values()) + idle, runTimeMs) - delay.toMillis();
    return new Watermark(
        Math.max(publishedMs, reached), known.shown, known.newestRecordMs, known.aheadMs);
  }

  /** Drops times ahead of this clock, and counts the time that was ahead of an earlier clock. */
  private Watermark knownAt(long clockMs) {
    Map<Partition, Long> evident = new TreeMap<>(shown);
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
