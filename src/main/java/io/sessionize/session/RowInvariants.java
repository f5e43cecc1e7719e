package io.sessionize.session;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * The invariants that a stored row keeps or breaks by itself: its columns follow from its events,
 * and its events are one session. A column that an older version of the job did not have may be
 * null. This means not known, and breaks nothing.
 */
public final class RowInvariants implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final long MICROS_PER_MS = 1_000;
  private static final long MS_PER_SECOND = 1_000;

  private final long timeoutMs;
  private final long maxMs;
  private final long maxEvents;
  private final Set<String> boundaryRules;

  /**
   * @param rules by which the rows were made
   */
  public RowInvariants(Rules rules) {
    this.timeoutMs = rules.timeoutMs();
    this.maxMs = rules.maxMs();
    this.maxEvents = NeighbourInvariants.mostEvents(rules);
    this.boundaryRules = Set.copyOf(rules.boundaryNames());
  }

  /**
   * The invariants that a row breaks. It may be damaged.
   *
   * @param edges null if they are not known
   */
  public List<BrokenInvariant> brokenBy(StoredColumns row, StoredEvents events, Edges edges) {
    if (events.size() == 0) {
      return List.of(new BrokenInvariant("events_missing", "holds no events"));
    }
    Times times = new Times(events);
    List<BrokenInvariant> broken = new ArrayList<>(0);
    addOfColumns(broken, row, events, times);
    addOfEvents(broken, events, times);
    if (edges != null && edges.split() != null) {
      broken.add(
          BrokenInvariant.of(
              "cut_missing", "rule ", edges.split(), " splits it at ", edges.splitMs()));
    }
    String rule = row.boundaryRule();
    if (rule != null && !("boundary".equals(row.closeReason()) && boundaryRules.contains(rule))) {
      broken.add(
          BrokenInvariant.of(
              "rule_differs",
              "boundary_rule is ",
              rule,
              ", close_reason is ",
              Objects.requireNonNullElse(row.closeReason(), "null")));
    }
    return broken;
  }

  private static void addOfColumns(
      List<BrokenInvariant> broken, StoredColumns row, StoredEvents events, Times times) {
    if (times.isDamaged) {
      broken.add(
          new BrokenInvariant(
              "event_damaged", "holds an event that is null, or has no id or no time"));
    }
    if (row.eventCount() != null && row.eventCount() != events.size()) {
      broken.add(
          BrokenInvariant.of(
              "count_differs",
              "event_count is ",
              row.eventCount(),
              ", but it holds ",
              events.size(),
              " events"));
    }
    if (!Objects.equals(row.startMs(), times.first)
        || !isMicrosOf(row.startMicros(), times.first)) {
      broken.add(
          BrokenInvariant.of(
              "start_differs",
              "session_start_time_ms is ",
              row.startMs(),
              ", its first event is at ",
              times.first));
    }
    if (!Objects.equals(row.endMs(), times.last)
        || row.endMicros() != null && !isMicrosOf(row.endMicros(), times.last)) {
      broken.add(
          BrokenInvariant.of(
              "end_differs",
              "session_end_time_ms is ",
              row.endMs(),
              ", its last event is at ",
              times.last));
    }
    Long seconds = row.durationSeconds();
    if (seconds != null && (times.first == null || seconds != times.length() / MS_PER_SECOND)) {
      broken.add(BrokenInvariant.of("duration_differs", "session_duration_seconds is ", seconds));
    }
    String id =
        row.uuid() == null || times.first == null ? null : Session.id(row.uuid(), times.first);
    if (!Objects.equals(row.sessionId(), id)) {
      broken.add(new BrokenInvariant("id_differs", "session_id is not made of uuid and start"));
    }
    if (row.pagesVisited() != null && !row.pagesVisited().equals(pages(events))) {
      broken.add(
          new BrokenInvariant("pages_differ", "pages_visited is not what its events visited"));
    }
  }

  /** Whether microseconds are those of a time in milliseconds. Any number may be stored. */
  private static boolean isMicrosOf(Long micros, Long timeMs) {
    return micros == null
        ? timeMs == null
        : timeMs != null
            && micros % MICROS_PER_MS == 0
            && micros / MICROS_PER_MS == timeMs.longValue();
  }

  private static List<String> pages(StoredEvents events) {
    Set<String> pages = new LinkedHashSet<>();
    for (int i = 0; i < events.size(); i++) {
      String page = events.page(i);
      if (page != null) {
        pages.add(page);
      }
    }
    return new ArrayList<>(pages);
  }

  private void addOfEvents(List<BrokenInvariant> broken, StoredEvents events, Times times) {
    boolean inOrder = isInOrder(events);
    if (inOrder && !times.isDamaged ? isTwiceInAMoment(events) : isTwice(events)) {
      broken.add(new BrokenInvariant("event_twice", "holds an event twice"));
    }
    if (!inOrder) {
      broken.add(new BrokenInvariant("events_unordered", "its events are not in order"));
    }
    if (times.longestPause > timeoutMs) {
      broken.add(
          new BrokenInvariant("gap_inside", "holds a pause longer than the inactivity timeout"));
    }
    if (times.length() > maxMs) {
      broken.add(new BrokenInvariant("too_long", "is longer than the maximum session duration"));
    }
    if (events.size() > maxEvents && times.first != null && times.first < times.last) {
      broken.add(
          new BrokenInvariant(
              "too_many_events", "holds more events than the rule max_events allows"));
    }
  }

  private static boolean isInOrder(StoredEvents events) {
    for (int i = 1; i < events.size(); i++) {
      if (compare(events, i - 1, i) > 0) {
        return false;
      }
    }
    return true;
  }

  /** As {@link Event#compareTo}; what is missing comes first. */
  private static int compare(StoredEvents events, int one, int other) {
    int byTime = compare(events.timeMs(one), events.timeMs(other));
    if (byTime != 0) {
      return byTime;
    }
    Long order = events.order(one);
    Long otherOrder = events.order(other);
    if (order == null || otherOrder == null) {
      if (order != otherOrder) {
        return order == null ? 1 : -1;
      }
    } else if (!order.equals(otherOrder)) {
      return order.compareTo(otherOrder);
    }
    String id = events.id(one);
    String otherId = events.id(other);
    return id == null || otherId == null
        ? Boolean.compare(id != null, otherId != null)
        : Texts.compare(id, otherId);
  }

  private static int compare(Long time, Long other) {
    return time == null || other == null
        ? Boolean.compare(time != null, other != null)
        : time.compareTo(other);
  }

  /** Compares only events of one time: a session may hold a million events. */
  private static boolean isTwiceInAMoment(StoredEvents events) {
    Set<String> ids = new HashSet<>();
    for (int i = 1; i < events.size(); i++) {
      if (!events.timeMs(i).equals(events.timeMs(i - 1))) {
        if (!ids.isEmpty()) {
          ids = new HashSet<>();
        }
        continue;
      }
      if (ids.isEmpty()) {
        ids.add(events.id(i - 1));
      }
      if (!ids.add(events.id(i))) {
        return true;
      }
    }
    return false;
  }

  private record Identity(long timeMs, String id) {}

  /** Events without id or time are the same. */
  private static boolean isTwice(StoredEvents events) {
    Set<Identity> known = new HashSet<>();
    for (int i = 0; i < events.size(); i++) {
      Long timeMs = events.timeMs(i);
      String id = events.id(i);
      if (!known.add(timeMs == null || id == null ? null : new Identity(timeMs, id))) {
        return true;
      }
    }
    return false;
  }

  /** What the times of the events show. */
  private static final class Times {
    /** Null if no event has a time, as the last one. */
    private Long first;

    private Long last;
    private long longestPause;
    private boolean isDamaged;

    Times(StoredEvents events) {
      Long before = null;
      for (int i = 0; i < events.size(); i++) {
        Long time = events.timeMs(i);
        isDamaged |= time == null || !events.hasId(i);
        if (time != null) {
          first = first == null || time < first ? time : first;
          last = last == null || time > last ? time : last;
          longestPause = before == null ? longestPause : Math.max(longestPause, time - before);
        }
        before = time;
      }
    }

    /** In milliseconds. */
    long length() {
      return first == null ? 0 : last - first;
    }
  }
}
