package io.sessionize.trial;

import io.sessionize.event.Decoded.Reason;
import io.sessionize.session.PropertyType;
import java.util.List;

/**
 * What became of the records of one topic.
 *
 * @param records number of records. One may hold several events.
 * @param events number of distinct events that the filter keeps
 * @param duplicates number of events that the filter keeps, but that are copies of another one,
 *     also of a topic before
 * @param filtered number of valid events that the filter leaves out
 * @param rejected by reason, the most frequent first
 * @param unfit by property, the most frequent first
 * @param unused fields that the definition does not map, the most frequent first
 */
public record TriedTopic(
    String name,
    long records,
    long events,
    long duplicates,
    long filtered,
    List<Rejection> rejected,
    List<Unfit> unfit,
    List<UnusedField> unused) {

  /**
   * The rejections of one reason.
   *
   * @param place of the first one
   * @param detail description of the first one
   * @param value of the first one: its beginning as text; null for a tombstone
   */
  public record Rejection(Reason reason, long count, String place, String detail, String value) {}

  /**
   * The values of one property that do not fit its type.
   *
   * @param place of the first one
   * @param value the first one: its beginning as JSON
   */
  public record Unfit(String property, PropertyType type, long count, String place, String value) {}

  /**
   * A field that the definition does not map.
   *
   * @param at JSON Pointer with {@code *} for each element of an array; it starts at the event
   * @param inRecord whether it starts at the record that holds the batch of events instead
   * @param count number of its values, without null
   * @param example the beginning of the first value as JSON
   */
  public record UnusedField(String at, boolean inRecord, long count, String example) {}

  /** Number of elements. A record that is no batch of events is one. */
  public long elements() {
    return events + duplicates + filtered + rejections();
  }

  /** Number of rejected records, or elements of records. */
  public long rejections() {
    return rejected.stream().mapToLong(Rejection::count).sum();
  }
}
