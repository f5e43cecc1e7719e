package io.sessionize.session;

import io.sessionize.session.Outcome.Change;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Restates one user in a batch. It recomputes the user's sessions from the open sessions in
 * staging, the published rows that the new events may change, and the new events.
 *
 * <p>The watermark decides only when a session is published, never what the sessions are. Once
 * published, always published: a session that holds any event of a published row is published
 * again, even if a late event has opened it. Otherwise a crash between the commits of the two
 * tables would lose that event.
 *
 * <p>Damaged rows, which have unreadable events, stay unchanged until a session replaces them: see
 * {@link DamagedRows}. A session of the same id always replaces a damaged row, because an id is
 * unique in the table.
 *
 * <p>Thread-safe if the boundary rule is.
 */
public final class Restatement {
  private final Sessionizer sessionizer;
  private final long watermarkMs;
  private final DamagedRows damagedRows;

  /** Creates a restatement that keeps damaged rows. */
  public Restatement(Rules rules, long watermarkMs) {
    this(rules, watermarkMs, DamagedRows.KEEP);
  }

  /**
   * @param rules rules by which events are cut into sessions
   * @param watermarkMs published watermark after this batch, epoch milliseconds
   * @param damagedRows how damaged rows are treated
   */
  public Restatement(Rules rules, long watermarkMs, DamagedRows damagedRows) {
    this.sessionizer = new Sessionizer(rules);
    this.watermarkMs = watermarkMs;
    this.damagedRows = damagedRows;
  }

  /** Restates one user who has no damaged row in staging. */
  public List<Outcome> restate(
      String uuid, List<Session> staged, List<Published> published, List<Event> newEvents) {
    return restate(uuid, staged, List.of(), published, newEvents);
  }

  /**
   * Restates one user.
   *
   * @param staged the user's sessions in staging
   * @param damagedStaged the user's damaged rows in staging
   * @param published the user's published rows that may change: see {@code docs/design.md}
   * @param newEvents the user's new events, in any order, with or without copies
   * @return an outcome for every session that stays open or changes {@code user_sessions}, for
   *     every row that is removed, and for every damaged row that stays
   */
  public List<Outcome> restate(
      String uuid,
      List<Session> staged,
      List<Published> damagedStaged,
      List<Published> published,
      List<Event> newEvents) {
    User user = new User(uuid, staged, damagedStaged, published, newEvents);
    List<Session> sessions = user.cut();
    while (user.addReplacedRows(sessions)) {
      sessions = user.cut();
    }
    return user.outcomes(sessions);
  }

  /** The events and rows of one user. */
  private final class User {
    private final String uuid;
    private final List<Event> newEvents;
    private final List<Event> knownEvents = new ArrayList<>();
    private final List<Event> publishedEvents = new ArrayList<>();
    private final Set<String> stagedIds = new HashSet<>();
    private final Map<String, Published> publishedRows = new HashMap<>();
    private final List<Published> keptPublished = new ArrayList<>();
    private final List<Published> keptStaged = new ArrayList<>();
    private final List<Published> replacedPublished = new ArrayList<>();

    User(
        String uuid,
        List<Session> staged,
        List<Published> damagedStaged,
        List<Published> published,
        List<Event> newEvents) {
      this.uuid = uuid;
      this.newEvents = newEvents;
      for (Session session : staged) {
        knownEvents.addAll(session.events());
        stagedIds.add(session.id());
      }
      for (Published row : damagedStaged) {
        if (usesEvents(row)) {
          addStaged(row);
        } else {
          keptStaged.add(row);
        }
      }
      for (Published row : published) {
        if (usesEvents(row)) {
          addPublished(row);
        } else {
          keptPublished.add(row);
        }
      }
    }

    /**
     * Adds a damaged row of staging. Its session then counts as newly opened, because staging held
     * no readable session.
     */
    private void addStaged(Published row) {
      knownEvents.addAll(row.session().events());
    }

    private void addPublished(Published row) {
      knownEvents.addAll(row.session().events());
      publishedEvents.addAll(row.session().events());
      publishedRows.merge(row.sessionId(), row, Published::and);
    }

    List<Session> cut() {
      List<Event> all = new ArrayList<>(knownEvents);
      all.addAll(newEvents);
      return sessionizer.cut(uuid, Sessionizer.distinct(all));
    }

    /**
     * Adds the events of the damaged rows that these sessions replace. Returns whether there were
     * any.
     */
    boolean addReplacedRows(List<Session> sessions) {
      if (keptPublished.isEmpty() && keptStaged.isEmpty()) {
        return false;
      }
      List<Published> staged = removeReplaced(keptStaged, sessions);
      List<Published> published = removeReplaced(keptPublished, sessions);
      staged.forEach(this::addStaged);
      published.forEach(this::addPublished);
      replacedPublished.addAll(published);
      return !staged.isEmpty() || !published.isEmpty();
    }

    private List<Published> removeReplaced(List<Published> kept, List<Session> sessions) {
      List<Published> replaced =
          kept.stream()
              .filter(row -> sessions.stream().anyMatch(session -> replaces(session, row)))
              .toList();
      kept.removeAll(replaced);
      return replaced;
    }

    List<Outcome> outcomes(List<Session> sessions) {
      Cursor known = new Cursor(Sessionizer.distinct(knownEvents));
      Cursor published = new Cursor(Sessionizer.distinct(publishedEvents));
      List<Outcome> outcomes = new ArrayList<>();
      for (Session session : sessions) {
        int newCount = session.events().size() - known.countThrough(session);
        boolean open = watermarkMs <= session.endMs() + sessionizer.timeoutMs();
        boolean publish =
            published.countThrough(session) > 0
                || !open
                || replacedPublished.stream().anyMatch(row -> replaces(session, row));
        Published row = publish ? publishedRows.remove(session.id()) : null;
        Change change = publish ? changeOf(row, session) : Change.NONE;
        if (open || change != Change.NONE) {
          boolean wasStaged = stagedIds.contains(session.id());
          outcomes.add(new Outcome(session, change, row, open, publish, wasStaged, newCount));
        }
      }
      for (Published removed : publishedRows.values()) {
        outcomes.add(
            new Outcome(removed.session(), Change.REMOVED, removed, false, false, false, 0));
      }
      for (Published row : keptPublished) {
        outcomes.add(new Outcome(row.session(), Change.NONE, row, false, true, false, 0));
      }
      for (Published row : keptStaged) {
        outcomes.add(new Outcome(row.session(), Change.NONE, row, true, false, true, 0));
      }
      return outcomes;
    }
  }

  /** Whether the events of a row are used without a session that replaces it. */
  private boolean usesEvents(Published row) {
    return !row.isDamaged()
        || damagedRows == DamagedRows.REMAKE && !row.session().events().isEmpty();
  }

  /** Whether a session replaces a damaged row. */
  private boolean replaces(Session session, Published row) {
    return session.id().equals(row.sessionId())
        || damagedRows != DamagedRows.KEEP
            && session.startMs() <= row.damage().toMs()
            && session.endMs() >= row.damage().fromMs();
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
