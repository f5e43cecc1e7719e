package io.sessionize.session;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Cuts the events of one user into sessions, greedily from the left.
 *
 * <p>With a timeout of 30 min and a maximum of 2 h:
 *
 * <pre>
 *   next event after the last one   after the start   then
 *   exactly 30 min                  at most 2 h       joins
 *   30 min + 1 ms                   any               new session, the old one ends by inactivity
 *   at most 30 min                  exactly 2 h       joins
 *   at most 30 min                  2 h + 1 ms        new session, the old one ends by max_duration
 * </pre>
 */
public final class Sessionizer {
  private final long timeoutMs;
  private final long maxMs;
  private final Rules rules;
  private final EventTests tests;
  private final BoundaryRule custom;

  /**
   * @param tests the conditions of the rules
   */
  Sessionizer(Rules rules, EventTests tests) {
    tests.requireFor(rules);
    timeoutMs = rules.timeoutMs();
    maxMs = rules.maxMs();
    this.rules = rules;
    this.tests = tests;
    custom = rules.custom();
  }

  /**
   * Returns the sessions of one user.
   *
   * @param events the user's events in their natural order, without copies
   */
  List<Session> cut(String uuid, List<Event> events) {
    return rules.hasBoundaries() ? cutByRule(uuid, events) : cutByTime(uuid, events);
  }

  private List<Session> cutByTime(String uuid, List<Event> events) {
    List<Session> sessions = new ArrayList<>();
    int first = 0;
    for (int next = 1; next <= events.size(); next++) {
      CloseReason reason =
          next == events.size()
              ? CloseReason.INACTIVITY
              : reasonToCut(
                  events.get(first).timeMs(),
                  events.get(next - 1).timeMs(),
                  events.get(next).timeMs());
      if (reason != null) {
        sessions.add(new Session(uuid, events.subList(first, next), reason));
        first = next;
      }
    }
    return sessions;
  }

  private List<Session> cutByRule(String uuid, List<Event> events) {
    Boundaries boundaries = new Boundaries(uuid, rules, tests, custom);
    List<Session> sessions = new ArrayList<>();
    int first = 0;
    int next = 0;
    while (next < events.size()) {
      Moment moment = Moment.at(events, next);
      if (next == 0) {
        boundaries.begin(moment);
      } else {
        CloseReason reason =
            reasonToCut(events.get(first).timeMs(), events.get(next - 1).timeMs(), moment.timeMs());
        String rule = reason == null ? boundaries.splitBefore(moment) : null;
        if (reason == null && rule == null) {
          boundaries.add(moment);
        } else {
          sessions.add(
              new Session(
                  uuid,
                  events.subList(first, next),
                  reason == null ? CloseReason.BOUNDARY : reason,
                  rule));
          first = next;
          boundaries.begin(moment);
        }
      }
      next += moment.events().size();
    }
    if (next > 0) {
      sessions.add(new Session(uuid, events.subList(first, next), CloseReason.INACTIVITY));
    }
    return sessions;
  }

  /** Why a session ends before a moment by the times alone; null if it does not. */
  CloseReason reasonToCut(long startMs, long lastMs, long nextMs) {
    if (nextMs - lastMs > timeoutMs) {
      return CloseReason.INACTIVITY;
    }
    return nextMs - startMs > maxMs ? CloseReason.MAX_DURATION : null;
  }

  /**
   * Sorts the events in their natural order, and keeps one event of each identity: the one that
   * {@link Event#compareCopies} puts first.
   */
  static List<Event> distinct(List<Event> events) {
    List<Event> sorted = new ArrayList<>(events);
    sorted.sort(Event::compareCopies);
    int kept = 0;
    for (int i = 1; i < sorted.size(); i++) {
      if (!sorted.get(i).isCopyOf(sorted.get(kept))) {
        sorted.set(++kept, sorted.get(i));
      }
    }
    List<Event> distinct = sorted.isEmpty() ? sorted : sorted.subList(0, kept + 1);
    // Copies are dropped before the events of one time are put in order: copies may differ in it.
    Collections.sort(distinct);
    return distinct;
  }

  /** Returns the copies that {@link #distinct} drops for one with which they conflict, by time. */
  static List<Event> conflictingCopies(List<Event> events) {
    List<Event> sorted = new ArrayList<>(events);
    sorted.sort(Event::compareCopies);
    List<Event> conflicting = new ArrayList<>();
    Event kept = null;
    for (Event event : sorted) {
      if (kept == null || !event.isCopyOf(kept)) {
        kept = event;
      } else if (event.conflictsWith(kept)) {
        conflicting.add(event);
      }
    }
    return conflicting;
  }

  long timeoutMs() {
    return timeoutMs;
  }

  long maxMs() {
    return maxMs;
  }
}
