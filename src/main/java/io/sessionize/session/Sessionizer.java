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
  private final BoundaryRule boundary;

  public Sessionizer(Rules rules) {
    timeoutMs = rules.timeoutMs();
    maxMs = rules.maxMs();
    boundary = rules.boundary();
  }

  /**
   * The sessions of one user.
   *
   * @param events all of the user's events that matter, in their natural order, no copies
   */
  List<Session> cut(String uuid, List<Event> events) {
    List<Session> sessions = new ArrayList<>();
    int first = 0;
    for (int next = 1; next <= events.size(); next++) {
      CloseReason reason =
          next == events.size() ? CloseReason.INACTIVITY : reasonToCut(events, first, next);
      if (reason != null) {
        sessions.add(new Session(uuid, events.subList(first, next), reason));
        first = next;
      }
    }
    return sessions;
  }

  private CloseReason reasonToCut(List<Event> events, int first, int next) {
    Event candidate = events.get(next);
    long last = events.get(next - 1).timeMs();
    if (candidate.timeMs() - last > timeoutMs) {
      return CloseReason.INACTIVITY;
    }
    if (candidate.timeMs() - events.get(first).timeMs() > maxMs) {
      return CloseReason.MAX_DURATION;
    }
    if (boundary != null
        && candidate.timeMs() > last
        && boundary.startsNewSession(
            Collections.unmodifiableList(events.subList(first, next)), candidate)) {
      return CloseReason.BOUNDARY;
    }
    return null;
  }

  /** Sorts the events and keeps one of each identity: the one whose content comes first. */
  static List<Event> distinct(List<Event> events) {
    List<Event> sorted = new ArrayList<>(events);
    Collections.sort(sorted);
    int kept = 0;
    for (int i = 1; i < sorted.size(); i++) {
      if (!sorted.get(i).isCopyOf(sorted.get(kept))) {
        sorted.set(++kept, sorted.get(i));
      }
    }
    return sorted.isEmpty() ? sorted : sorted.subList(0, kept + 1);
  }

  long timeoutMs() {
    return timeoutMs;
  }
}
