package io.sessionize.session;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A session: consecutive events of one user. Start and end are the times of its first and last
 * event.
 *
 * @param uuid the user
 * @param events at least one, in their natural order, no copies
 * @param closeReason why it ends after its last event
 * @param boundaryRule the name of the rule that ended it: see {@link Boundaries}; null for any
 *     other reason
 */
public record Session(
    String uuid, List<Event> events, CloseReason closeReason, String boundaryRule) {

  /** A session that no boundary rule ended. */
  public Session(String uuid, List<Event> events, CloseReason closeReason) {
    this(uuid, events, closeReason, null);
  }

  /**
   * Returns the id of this user's session that starts at this time. It is unique without a counter.
   */
  public static String id(String uuid, long startMs) {
    return uuid + "_session_" + startMs;
  }

  public String id() {
    return id(uuid, startMs());
  }

  public long startMs() {
    return events.get(0).timeMs();
  }

  public long endMs() {
    return events.get(events.size() - 1).timeMs();
  }

  /** Whether the times of its events never decrease; false for a row altered by hand. */
  public boolean isInOrder() {
    for (int i = 1; i < events.size(); i++) {
      if (events.get(i).timeMs() < events.get(i - 1).timeMs()) {
        return false;
      }
    }
    return true;
  }

  /** Returns the duration in whole seconds, rounded down. */
  public long durationSeconds() {
    return (endMs() - startMs()) / 1000;
  }

  /** Returns the distinct pages in the order first seen, without events that have no page. */
  public List<String> pagesVisited() {
    Set<String> pages = new LinkedHashSet<>();
    for (Event event : events) {
      if (event.pageName() != null) {
        pages.add(event.pageName());
      }
    }
    return List.copyOf(pages);
  }
}
