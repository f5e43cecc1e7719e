package io.sessionize.session;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Computes sessions by brute force from all events at once. It shares no code with {@link
 * Sessionizer}.
 */
public final class Oracle {
  private Oracle() {}

  /** An event and its user. */
  public record Click(String uuid, Event event) {}

  /** Returns the sessions of all users, by id. */
  public static Map<String, Session> sessions(Collection<Click> clicks, Rules rules) {
    TreeMap<String, TreeMap<String, Event>> byUser = new TreeMap<>();
    for (Click click : clicks) {
      String identity = String.format("%020d %s", click.event().timeMs(), click.event().id());
      byUser
          .computeIfAbsent(click.uuid(), user -> new TreeMap<>())
          .merge(identity, click.event(), (a, b) -> Event.compareCopies(a, b) <= 0 ? a : b);
    }
    Map<String, Session> sessions = new TreeMap<>();
    byUser.forEach(
        (uuid, events) -> {
          List<Event> rest = new ArrayList<>(events.values());
          Collections.sort(rest);
          while (!rest.isEmpty()) {
            Session session = firstOf(uuid, rest, rules);
            sessions.put(session.id(), session);
            rest = rest.subList(session.events().size(), rest.size());
          }
        });
    return sessions;
  }

  private static Session firstOf(String uuid, List<Event> events, Rules rules) {
    int size = 1;
    CloseReason reason = CloseReason.INACTIVITY;
    String rule = null;
    while (size < events.size()) {
      long pause = events.get(size).timeMs() - events.get(size - 1).timeMs();
      long length = events.get(size).timeMs() - events.get(0).timeMs();
      long lastMoment = events.get(size - 1).timeMs();
      boolean afterEndPage =
          events.stream()
              .filter(event -> event.timeMs() == lastMoment)
              .anyMatch(event -> rules.endPages().contains(String.valueOf(event.pageName())));
      if (pause > rules.timeoutMs()) {
        break;
      }
      if (length > rules.maxMs()) {
        reason = CloseReason.MAX_DURATION;
        break;
      }
      if (pause > 0 && afterEndPage) {
        reason = CloseReason.BOUNDARY;
        rule = "end_session_on_page";
        break;
      }
      size++;
    }
    return new Session(uuid, List.copyOf(events.subList(0, size)), reason, rule);
  }
}
