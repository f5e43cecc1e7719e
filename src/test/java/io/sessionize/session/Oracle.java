package io.sessionize.session;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
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

  /** Copies of one click of a user have the same. */
  private record Identity(long timeMs, String id) {}

  /** Returns the sessions of all users, by id. */
  public static Map<String, Session> sessions(Collection<Click> clicks, Rules rules) {
    Map<String, Map<Identity, Event>> byUser = new HashMap<>();
    for (Click click : clicks) {
      Event event = click.event();
      byUser
          .computeIfAbsent(click.uuid(), user -> new HashMap<>())
          .merge(
              new Identity(event.timeMs(), event.id()),
              event,
              (a, b) -> Event.compareCopies(a, b) <= 0 ? a : b);
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
      if (pause > rules.timeoutMs()) {
        break;
      }
      if (length > rules.maxMs()) {
        reason = CloseReason.MAX_DURATION;
        break;
      }
      rule = pause == 0 || areLimitsAlone(rules) ? null : ruleBefore(events, size, rules);
      if (rule != null) {
        reason = CloseReason.BOUNDARY;
        break;
      }
      size++;
    }
    return new Session(uuid, List.copyOf(events.subList(0, size)), reason, rule);
  }

  /** Whether {@link #ruleBefore} would find nothing. It is asked for each event. */
  private static boolean areLimitsAlone(Rules rules) {
    return rules.endPages().isEmpty()
        && rules.ends() == null
        && rules.starts() == null
        && rules.changes().isEmpty()
        && rules.dayIn() == null
        && rules.maxEvents() == 0;
  }

  /** The first rule that splits these events before the one at a position; null if none does. */
  private static String ruleBefore(List<Event> events, int position, Rules rules) {
    List<Event> session = events.subList(0, position);
    List<Event> last = at(session, session.get(position - 1).timeMs());
    List<Event> next = at(events, events.get(position).timeMs());
    List<String> splits = new ArrayList<>();
    if (last.stream().anyMatch(event -> rules.endPages().contains("" + event.pageName()))) {
      splits.add("end_session_on_page");
    }
    if (last.stream().anyMatch(event -> isPage(rules.ends(), event))) {
      splits.add("ends");
    }
    if (next.stream().anyMatch(event -> isPage(rules.starts(), event))) {
      splits.add("starts");
    }
    for (String property : rules.changes()) {
      String known = null;
      for (int i = position - 1; known == null && i >= 0; i--) {
        known = least(at(session, session.get(i).timeMs()), property);
      }
      String value = least(next, property);
      if (known != null && value != null && !known.equals(value)) {
        splits.add("changes:" + property);
      }
    }
    if (rules.dayIn() != null && !day(session.get(0), rules).equals(day(next.get(0), rules))) {
      splits.add("day_in");
    }
    if (rules.maxEvents() > 0 && position + next.size() > rules.maxEvents()) {
      splits.add("max_events");
    }
    return splits.isEmpty() ? null : splits.get(0);
  }

  private static List<Event> at(List<Event> events, long timeMs) {
    List<Event> found = new ArrayList<>();
    for (Event event : events) {
      if (event.timeMs() == timeMs) {
        found.add(event);
      }
    }
    return found;
  }

  private static boolean isPage(String condition, Event event) {
    return condition != null && condition.equals("page_name = '" + event.pageName() + "'");
  }

  /** The property must be a text. */
  private static String least(List<Event> events, String property) {
    return events.stream()
        .map(event -> (String) event.property(property))
        .filter(value -> value != null)
        .min(String::compareTo)
        .orElse(null);
  }

  private static LocalDate day(Event event, Rules rules) {
    return Instant.ofEpochMilli(event.timeMs())
        .atZone(ZoneId.of(rules.dayIn().name()))
        .toLocalDate();
  }
}
