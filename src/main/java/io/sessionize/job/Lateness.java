package io.sessionize.job;

import java.io.Serializable;
import java.util.Map;

/**
 * How late the events of a batch came, copies included: by how much an event's time lies before the
 * watermark that was published when the batch began. What lies beyond a late horizon, where one is
 * set, is rejected and counted there.
 *
 * @param onTime not before the watermark
 * @param underHour late by less than an hour
 * @param underDay late by an hour or more, and less than a day
 * @param dayOrMore late by a day or more
 */
public record Lateness(long onTime, long underHour, long underDay, long dayOrMore)
    implements Serializable {
  static final Lateness NONE = new Lateness(0, 0, 0, 0);

  /** All that were late. */
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

  /** Adds the numbers by name. */
  void addTo(Map<String, Long> counts) {
    counts.put("on_time", onTime);
    counts.put("late_under_1_hour", underHour);
    counts.put("late_under_1_day", underDay);
    counts.put("late_1_day_or_more", dayOrMore);
  }
}
