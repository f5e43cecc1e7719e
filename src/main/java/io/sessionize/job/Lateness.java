package io.sessionize.job;

import java.io.Serializable;
import java.util.Map;

/**
 * Counts how late the events of a batch are, copies included: how far an event's time is before the
 * watermark at the start of the batch. Events beyond a late horizon are rejected, and counted as
 * rejected.
 *
 * @param onTime not before the watermark
 * @param underHour late by less than an hour
 * @param underDay late by an hour or more, and less than a day
 * @param dayOrMore late by a day or more
 */
public record Lateness(long onTime, long underHour, long underDay, long dayOrMore)
    implements Serializable {
  static final Lateness NONE = new Lateness(0, 0, 0, 0);

  /** The number of late events. */
  public long late() {
    return underHour + underDay + dayOrMore;
  }

  Lateness plus(Lateness other) {
    return new Lateness(
        onTime + other.onTime,
        underHour + other.underHour,
        underDay + other.underDay,
        dayOrMore + other.dayOrMore);
  }

  /** Adds the counts to a map, by name. */
  void addTo(Map<String, Long> counts) {
    counts.put("on_time", onTime);
    counts.put("late_under_1_hour", underHour);
    counts.put("late_under_1_day", underDay);
    counts.put("late_1_day_or_more", dayOrMore);
  }
}
