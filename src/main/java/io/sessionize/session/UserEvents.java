package io.sessionize.session;

import io.sessionize.session.Outcome.Change;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The events and rows of one user that a restatement uses, without damaged rows that stay as they
 * are. Holds all of them, or those of a part of the user's time.
 */
final class UserEvents {
  private final String uuid;
  private final Sessionizer sessionizer;
  private final long watermarkMs;
  private final List<Event> known = new ArrayList<>();
  private final List<Event> published = new ArrayList<>();
  private final List<Event> fresh = new ArrayList<>();
  private final Set<String> stagedIds = new HashSet<>();
  private final Map<String, Published> rows = new HashMap<>();

  UserEvents(String uuid, Sessionizer sessionizer, long watermarkMs) {
    this.uuid = uuid;
    this.sessionizer = sessionizer;
    this.watermarkMs = watermarkMs;
  }

  void addStaged(Session session) {
    addKnown(session);
    stagedIds.add(session.id());
  }

  /** Adds events of staging whose session counts as newly opened. */
  void addKnown(Session session) {
    known.addAll(session.events());
  }

  void addPublished(Published row) {
    known.addAll(row.session().events());
    published.addAll(row.session().events());
    rows.merge(row.sessionId(), row, Published::and);
  }

  void addNew(List<Event> events) {
    fresh.addAll(events);
  }

  void addNew(Event event) {
    fresh.add(event);
  }

  /** Number of events, copies included. */
  int size() {
    return known.size() + fresh.size();
  }

  List<Session> cut() {
    List<Event> all = new ArrayList<>(size());
    all.addAll(known);
    all.addAll(fresh);
    return sessionizer.cut(uuid, Sessionizer.distinct(all));
  }

  /** Cuts the events before a time. The last session may continue after it. */
  List<Session> cutBefore(long timeMs) {
    List<Event> before = new ArrayList<>(size());
    known.stream().filter(event -> event.timeMs() < timeMs).forEach(before::add);
    fresh.stream().filter(event -> event.timeMs() < timeMs).forEach(before::add);
    return sessionizer.cut(uuid, Sessionizer.distinct(before));
  }

  /**
   * What the batch does with these sessions: an outcome for each that stays open, changes its row
   * or has conflicting copies.
   *
   * @param sessions the first sessions of the events, in order
   * @param replaces whether a session replaces a damaged row, and so is published
   */
  List<Outcome> outcomes(List<Session> sessions, Predicate<Session> replaces) {
    List<Event> distinctKnown = Sessionizer.distinct(known);
    Cursor knownEvents = new Cursor(distinctKnown);
    boolean hasCopies = hasCopies(distinctKnown, sessions);
    Cursor conflicting =
        new Cursor(hasCopies ? conflictingCopies(distinctKnown) : List.<Event>of());
    Cursor publishedEvents = new Cursor(Sessionizer.distinct(published));
    Set<Event> stored = hasCopies ? asObjects(distinctKnown) : Set.of();
    List<Outcome> outcomes = new ArrayList<>();
    for (Session session : sessions) {
      int knownCount = knownEvents.countThrough(session);
      int newCount = session.events().size() - knownCount;
      int replaced = hasCopies ? knownCount - countOf(stored, session) : 0;
      boolean open = watermarkMs <= session.endMs() + sessionizer.timeoutMs();
      boolean publish =
          publishedEvents.countThrough(session) > 0 || !open || replaces.test(session);
      Published row = publish ? rows.remove(session.id()) : null;
      Change change = publish ? changeOf(row, session) : Change.NONE;
      int conflicts = conflicting.countThrough(session);
      if (open || change != Change.NONE || conflicts > 0) {
        boolean wasStaged = stagedIds.contains(session.id());
        outcomes.add(
            new Outcome(
                session, change, row, open, publish, wasStaged, newCount, replaced, conflicts));
      }
    }
    return outcomes;
  }

  /** A set that compares objects: a new copy with the same content is another object. */
  private static Set<Event> asObjects(List<Event> events) {
    Set<Event> objects = Collections.newSetFromMap(new IdentityHashMap<>(events.size()));
    objects.addAll(events);
    return objects;
  }

  private static int countOf(Set<Event> events, Session session) {
    int count = 0;
    for (Event event : session.events()) {
      count += events.contains(event) ? 1 : 0;
    }
    return count;
  }

  /**
   * Whether a new event is a copy. Nearly always none is.
   *
   * @param distinctKnown the known events, without copies
   * @param sessions of the known and the new events, without copies
   */
  private boolean hasCopies(List<Event> distinctKnown, List<Session> sessions) {
    if (fresh.isEmpty() || sessions.isEmpty()) {
      return false;
    }
    long endMs = sessions.get(sessions.size() - 1).endMs();
    int kept = sessions.stream().mapToInt(session -> session.events().size()).sum();
    return kept != countThrough(endMs, distinctKnown) + countThrough(endMs, fresh);
  }

  /**
   * The copies that were dropped for another content of the same definition, by their time. An
   * event that was stored twice counts as one copy.
   */
  private List<Event> conflictingCopies(List<Event> distinctKnown) {
    List<Event> all = new ArrayList<>(distinctKnown);
    all.addAll(fresh);
    return Sessionizer.conflictingCopies(all);
  }

  private static int countThrough(long timeMs, List<Event> events) {
    int count = 0;
    for (Event event : events) {
      count += event.timeMs() <= timeMs ? 1 : 0;
    }
    return count;
  }

  /** The removal of all rows that no session has kept. */
  List<Outcome> removals() {
    return removalsThrough(Long.MAX_VALUE);
  }

  /** The removal of the rows up to a time that no session has kept. */
  List<Outcome> removalsThrough(long timeMs) {
    List<Outcome> outcomes = new ArrayList<>();
    for (Iterator<Published> left = rows.values().iterator(); left.hasNext(); ) {
      Published row = left.next();
      if (timeMs == Long.MAX_VALUE || row.session().startMs() <= timeMs) {
        outcomes.add(Outcome.removed(row));
        left.remove();
      }
    }
    return outcomes;
  }

  /** Forgets the events up to a time. */
  void forgetThrough(long timeMs) {
    for (List<Event> events : List.of(known, published, fresh)) {
      events.removeIf(event -> event.timeMs() <= timeMs);
    }
    // The ids of staging are few: a session is open for two hours or so.
  }

  private static Change changeOf(Published row, Session session) {
    if (row == null) {
      return Change.ADDED;
    }
    return row.intact() && row.session().equals(session) ? Change.NONE : Change.CHANGED;
  }

  /** Moves through sorted events, in step with the sessions that contain them. */
  private static final class Cursor {
    private final List<Event> events;
    private int next;

    Cursor(List<Event> events) {
      this.events = events;
    }

    /** Counts the events in this session that were not counted before. */
    int countThrough(Session session) {
      int from = next;
      // A session holds all of a user's events of one time, whatever their order within it is.
      while (next < events.size() && events.get(next).timeMs() <= session.endMs()) {
        next++;
      }
      return next - from;
    }
  }
}
