package io.sessionize.session;

import java.util.Collections;
import java.util.List;

/**
 * All events of one user at one time. A session is never split within a moment.
 *
 * @param timeMs epoch milliseconds
 * @param events at least one, in their natural order. Without a mapped {@code order} that order is
 *     by id, which says nothing about what came first.
 */
public record Moment(long timeMs, List<Event> events) {

  /** The moment of sorted events that begins at this position. */
  static Moment at(List<Event> events, int first) {
    long timeMs = events.get(first).timeMs();
    int next = first + 1;
    while (next < events.size() && events.get(next).timeMs() == timeMs) {
      next++;
    }
    return new Moment(timeMs, Collections.unmodifiableList(events.subList(first, next)));
  }
}
