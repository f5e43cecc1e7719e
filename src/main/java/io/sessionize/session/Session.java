package io.sessionize.session;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Consecutive events of one user, both ends inclusive.
 *
 * @param uuid the user
 * @param events at least one, in their natural order, no copies
 * @param closeReason why it ends where it does
 */
public record Session(String uuid, List<Event> events, CloseReason closeReason) {

  /** The id of the session of this user that starts at this time: needs no counter to be unique. */
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

  /** Whole seconds, rounded down. */
  public long durationSeconds() {
    return (endMs() - startMs()) / 1000;
  }

  /** The distinct pages in the order first seen; events without a page are left out. */
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
