package io.sessionize.job;

import java.io.Serializable;
import java.time.Duration;
import java.util.Optional;

/**
 * Counts of records as they are decoded. A record that is no batch of events is one element.
 *
 * @param records read
 * @param elements of these records: each is an event, is filtered, or is rejected
 * @param filtered events that the condition of their topic leaves out
 * @param unfit values of properties that do not fit their type, in events that are not filtered
 * @param failed events on which the condition of their topic fails, which are filtered, and how
 *     often a condition of the rules fails on an event
 * @param oldestMs the earliest Kafka timestamp of these records, epoch milliseconds; {@link
 *     #NO_TIME} if none has a timestamp
 */
public record RecordCounts(
    long records, long elements, long filtered, long unfit, long failed, long oldestMs)
    implements Serializable {

  /** Later than every timestamp. */
  public static final long NO_TIME = Long.MAX_VALUE;

  /** The counts of no record. */
  public static final RecordCounts NONE = ofRecords(0);

  /** The counts of records that are one element each. */
  public static RecordCounts ofRecords(long records) {
    return new RecordCounts(records, records, 0, 0, 0, NO_TIME);
  }

  /** The counts of no record, with failures of conditions. */
  static RecordCounts ofFailed(long failed) {
    return new RecordCounts(0, 0, 0, 0, failed, NO_TIME);
  }

  /** The sum of both. */
  public RecordCounts plus(RecordCounts other) {
    return new RecordCounts(
        records + other.records,
        elements + other.elements,
        filtered + other.filtered,
        unfit + other.unfit,
        failed + other.failed,
        Math.min(oldestMs, other.oldestMs));
  }

  /**
   * How long the oldest of these records waits at this time; empty if no record has a timestamp.
   */
  public Optional<Duration> waitedAt(long nowMs) {
    return oldestMs == NO_TIME
        ? Optional.empty()
        : Optional.of(Duration.ofMillis(Math.max(0, nowMs - oldestMs)));
  }
}
