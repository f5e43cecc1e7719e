package io.sessionize.session;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Events for tests, at readable times of one day. */
final class Clicks {
  /** 2026-03-01T10:00:00Z. */
  static final long TEN = 1_772_359_200_000L;

  static final long MINUTE = Duration.ofMinutes(1).toMillis();
  static final long HOUR = Duration.ofHours(1).toMillis();

  private Clicks() {}

  /** Returns an event whose id is its time, so that two times are two events. */
  static Event at(long timeMs) {
    return at(timeMs, "e" + timeMs, "home");
  }

  static Event at(long timeMs, String id, String page) {
    return new Event(timeMs, id, page, null, null);
  }

  /** Returns the start times of the sessions of these events, in any order. */
  static List<Long> starts(Rules rules, List<Event> events) {
    return cut(rules, events).stream().map(Session::startMs).toList();
  }

  static List<Session> cut(Rules rules, List<Event> events) {
    return new Sessionizer(rules, PageConditions.of(rules))
        .cut("ann", Sessionizer.distinct(events));
  }

  static List<Session> cut(Rules rules, Event... events) {
    return cut(rules, List.of(events));
  }

  /** Returns a session of these events that ends by inactivity. */
  static Session session(Event... events) {
    return new Session("ann", List.of(events), CloseReason.INACTIVITY);
  }

  static List<Event> reversed(List<Event> events) {
    List<Event> reversed = new ArrayList<>(events);
    Collections.reverse(reversed);
    return reversed;
  }
}
