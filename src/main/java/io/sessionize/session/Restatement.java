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
 *
 * <p>Damaged rows, some of whose events cannot be read, are left as they are until something stands
 * in their place: {@link DamagedRows} says what. A session of the same id always does, since an id
 * cannot stand there twice.
 */
public final class Restatement {
  private final Sessionizer sessionizer;
  private final long watermarkMs;
  private final DamagedRows damagedRows;

  /** One that repairs nothing. */
  public Restatement(Rules rules, long watermarkMs) {
    this(rules, watermarkMs, DamagedRows.KEEP);
  }

  /**
   * @param rules what makes two events one session
   * @param watermarkMs the watermark after this batch
   */
  public Restatement(Rules rules, long watermarkMs, DamagedRows damagedRows) {
    this.sessionizer = new Sessionizer(rules);
    this.watermarkMs = watermarkMs;
    this.damagedRows = damagedRows;
  }

  /** Restates one user of whom staging holds no damaged row. */
  public List<Outcome> restate(
      String uuid, List<Session> carried, List<Published> loaded, List<Event> fresh) {
    return restate(uuid, carried, List.of(), loaded, fresh);
  }

  /**
   * Restates one user.
   *
   * @param carried the user's sessions in staging
   * @param damagedOpen the user's damaged rows in staging
   * @param loaded the user's published rows that may be touched: see {@code docs/design.md}
   * @param fresh the user's new events, in any order, copies allowed
   * @return an outcome for every session that stays open or changes {@code user_sessions}, for
   *     every row that goes, and for every damaged row that stays
   */
  public List<Outcome> restate(
      String uuid,
      List<Session> carried,
      List<Published> damagedOpen,
      List<Published> loaded,
      List<Event> fresh) {
    User user = new User(uuid, carried, damagedOpen, loaded, fresh);
    List<Session> sessions = user.cut();
    while (user.takesInDamaged(sessions)) {
      sessions = user.cut();
    }
    return user.outcomes(sessions);
  }

  /** What is known of one user, and which rows have to give way to it. */
  private final class User {
    private final String uuid;
    private final List<Event> fresh;
    private final List<Event> known = new ArrayList<>();
    private final List<Event> published = new ArrayList<>();
    private final Set<String> carriedIds = new HashSet<>();
    private final Map<String, Published> rows = new HashMap<>();
    private final List<Published> keptRows = new ArrayList<>();
    private final List<Published> keptOpen = new ArrayList<>();
    private final List<Published> replacedRows = new ArrayList<>();

    User(
        String uuid,
        List<Session> carried,
        List<Published> damagedOpen,
        List<Published> loaded,
        List<Event> fresh) {
      this.uuid = uuid;
      this.fresh = fresh;
      for (Session session : carried) {
        known.addAll(session.events());
        carriedIds.add(session.id());
      }
      for (Published row : damagedOpen) {
        if (counts(row)) {
          takeInOpen(row);
        } else {
          keptOpen.add(row);
        }
      }
      for (Published row : loaded) {
        if (counts(row)) {
          takeIn(row);
        } else {
          keptRows.add(row);
        }
      }
    }

    /** Its session counts as opened: what staging held was none that anybody could read. */
    private void takeInOpen(Published row) {
      known.addAll(row.session().events());
    }

    private void takeIn(Published row) {
      known.addAll(row.session().events());
      published.addAll(row.session().events());
      rows.put(row.sessionId(), row);
    }

    List<Session> cut() {
      List<Event> all = new ArrayList<>(known);
      all.addAll(fresh);
      return sessionizer.cut(uuid, Sessionizer.distinct(all));
    }

    /** Takes in the damaged rows in whose place sessions stand: whether there were any. */
    boolean takesInDamaged(List<Session> sessions) {
      if (keptRows.isEmpty() && keptOpen.isEmpty()) {
        return false;
      }
      List<Published> ofOpen = replaced(keptOpen, sessions);
      List<Published> ofRows = replaced(keptRows, sessions);
      ofOpen.forEach(this::takeInOpen);
      ofRows.forEach(this::takeIn);
      replacedRows.addAll(ofRows);
      return !ofOpen.isEmpty() || !ofRows.isEmpty();
    }

    private List<Published> replaced(List<Published> kept, List<Session> sessions) {
      List<Published> replaced =
          kept.stream()
              .filter(row -> sessions.stream().anyMatch(session -> standsFor(session, row)))
              .toList();
      kept.removeAll(replaced);
      return replaced;
    }

    List<Outcome> outcomes(List<Session> sessions) {
      Cursor knownEvents = new Cursor(Sessionizer.distinct(known));
      Cursor publishedEvents = new Cursor(Sessionizer.distinct(published));
      List<Outcome> outcomes = new ArrayList<>();
      for (Session session : sessions) {
        int added = session.events().size() - knownEvents.countThrough(session);
        boolean open = watermarkMs <= session.endMs() + sessionizer.timeoutMs();
        boolean publish =
            publishedEvents.countThrough(session) > 0
                || !open
                || replacedRows.stream().anyMatch(row -> standsFor(session, row));
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
      for (Published row : keptRows) {
        outcomes.add(new Outcome(row.session(), Change.NONE, row, false, true, false, 0));
      }
      for (Published row : keptOpen) {
        outcomes.add(new Outcome(row.session(), Change.NONE, row, true, false, true, 0));
      }
      return outcomes;
    }
  }

  /** Whether a row's events count from the start. */
  private boolean counts(Published row) {
    return !row.isDamaged()
        || damagedRows == DamagedRows.REMAKE && !row.session().events().isEmpty();
  }

  /** Whether a damaged row has to give way to a session. */
  private boolean standsFor(Session session, Published row) {
    return session.id().equals(row.sessionId())
        || damagedRows != DamagedRows.KEEP
            && session.startMs() <= row.damage().toMs()
            && session.endMs() >= row.damage().fromMs();
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
