package io.sessionize.session;

import java.util.ArrayList;
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

  /** The moments of sorted events. */
  static List<Moment> of(List<Event> events) {
    List<Moment> moments = new ArrayList<>();
    int first = 0;
    for (int next = 1; next <= events.size(); next++) {
      if (next == events.size() || events.get(next).timeMs() != events.get(first).timeMs()) {
        List<Event> together = Collections.unmodifiableList(events.subList(first, next));
        moments.add(new Moment(events.get(first).timeMs(), together));
        first = next;
      }
    }
    return moments;
  }
}
