package io.sessionize.session;

import io.sessionize.session.Outcome.Change;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One user's part of a batch: the open sessions carried over, the published rows that the new
 * events may touch, and the new events become the sessions that are right now.
 *
 * <p>The watermark decides only when a session is published, never what the sessions are. Once
 * published, always published: a result that holds any event of a published row is published again,
 * even where a late event has opened it, since otherwise a crash between the commits of the two
 * tables would lose that event.
 */
public final class Restatement {
  private final Sessionizer sessionizer;
  private final long watermarkMs;

  /**
   * @param rules what makes two events one session
   * @param watermarkMs the watermark after this batch
   */
  public Restatement(Rules rules, long watermarkMs) {
    this.sessionizer = new Sessionizer(rules);
    this.watermarkMs = watermarkMs;
  }

  /**
   * Restates one user.
   *
   * @param carried the user's sessions in staging
   * @param loaded the user's published rows that may be touched: see {@code docs/design.md}
   * @param fresh the user's new events, in any order, copies allowed
   * @return an outcome for every session that stays open or changes {@code user_sessions}, and for
   *     every row that goes
   */
  public List<Outcome> restate(
      String uuid, List<Session> carried, List<Published> loaded, List<Event> fresh) {
    List<Event> known = new ArrayList<>();
    carried.forEach(session -> known.addAll(session.events()));
    List<Event> published = new ArrayList<>();
    loaded.forEach(row -> published.addAll(row.session().events()));
    known.addAll(published);

    List<Event> all = new ArrayList<>(known);
    all.addAll(fresh);
    Cursor knownEvents = new Cursor(Sessionizer.distinct(known));
    Cursor publishedEvents = new Cursor(Sessionizer.distinct(published));

    Set<String> carriedIds = new HashSet<>();
    carried.forEach(session -> carriedIds.add(session.id()));
    Map<String, Published> rows = new HashMap<>();
    loaded.forEach(row -> rows.put(row.sessionId(), row));

    List<Outcome> outcomes = new ArrayList<>();
    for (Session session : sessionizer.cut(uuid, Sessionizer.distinct(all))) {
      int added = session.events().size() - knownEvents.countThrough(session);
      boolean open = watermarkMs <= session.endMs() + sessionizer.timeoutMs();
      boolean publish = publishedEvents.countThrough(session) > 0 || !open;
      Published row = publish ? rows.remove(session.id()) : null;
      Change change = publish ? changeOf(row, session) : Change.NONE;
      if (open || change != Change.NONE) {
        boolean wasCarried = carriedIds.contains(session.id());
        outcomes.add(new Outcome(session, change, row, open, publish, wasCarried, added));
      }
    }
    for (Published gone : rows.values()) {
      outcomes.add(new Outcome(gone.session(), Change.DELETE, gone, false, false, false, 0));
    }
    return outcomes;
  }

  private static Change changeOf(Published row, Session session) {
    if (row == null) {
      return Change.INSERT;
    }
    return row.intact() && row.session().equals(session) ? Change.NONE : Change.UPDATE;
  }

  /** Walks along sorted events as the sessions that hold them come by in the same order. */
  private static final class Cursor {
    private final List<Event> events;
    private int next;

    Cursor(List<Event> events) {
      this.events = events;
    }

    /** How many of the events not yet passed lie in this session. */
    int countThrough(Session session) {
      Event last = session.events().get(session.events().size() - 1);
      int from = next;
      while (next < events.size() && events.get(next).compareIdentity(last) <= 0) {
        next++;
      }
      return next - from;
    }
  }
}
