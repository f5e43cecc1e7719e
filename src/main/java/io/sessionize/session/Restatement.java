package io.sessionize.session;

import io.sessionize.session.Outcome.Change;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

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
 * <p>For one thread, as the tests are.
 */
public final class Restatement {
  private final Sessionizer sessionizer;
  private final long watermarkMs;
  private final DamagedRows damagedRows;

  /** Creates a restatement that keeps damaged rows, for rules without conditions. */
  public Restatement(Rules rules, long watermarkMs) {
    this(rules, EventTests.NONE, watermarkMs, DamagedRows.KEEP);
  }

  /**
   * @param rules rules by which events are cut into sessions
   * @param tests the conditions of the rules
   * @param watermarkMs published watermark after this batch, epoch milliseconds
   * @param damagedRows how damaged rows are treated
   */
  public Restatement(Rules rules, EventTests tests, long watermarkMs, DamagedRows damagedRows) {
    this.sessionizer = new Sessionizer(rules, tests);
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
    User user = new User(uuid, damagedStaged, published);
    staged.forEach(user.events::addStaged);
    user.events.addNew(newEvents);
    List<Session> sessions = user.events.cut();
    while (user.addReplacedRows(sessions)) {
      sessions = user.events.cut();
    }
    return user.outcomes(sessions);
  }

  /**
   * Restates one user who may have more events than fit in memory, in parts. The outcomes are the
   * same as those of all events at once. The user must have no damaged row, and each row must be
   * {@link Published#isInOrder in order}: else the user has to be restated at once.
   *
   * @param staged the user's sessions in staging, by their start
   * @param published the user's published rows that may change, by the start of their session
   * @param newEvents the user's new events, by their time, with or without copies
   * @param most about how many events to hold beside those of one session, at least 1
   */
  public Iterator<Outcome> restateInParts(
      String uuid,
      Iterator<Session> staged,
      Iterator<Published> published,
      Iterator<Event> newEvents,
      int most) {
    return new UserInParts(
        new UserEvents(uuid, sessionizer, watermarkMs),
        staged,
        published,
        newEvents,
        sessionizer.maxMs(),
        most);
  }

  /** The events of one user, and the damaged rows that are kept until a session replaces them. */
  private final class User {
    private final UserEvents events;
    private final List<Published> keptPublished = new ArrayList<>();
    private final List<Published> keptStaged = new ArrayList<>();
    private final List<Published> replacedPublished = new ArrayList<>();

    User(String uuid, List<Published> damagedStaged, List<Published> published) {
      events = new UserEvents(uuid, sessionizer, watermarkMs);
      for (Published row : damagedStaged) {
        if (usesEvents(row)) {
          events.addKnown(row.session());
        } else {
          keptStaged.add(row);
        }
      }
      for (Published row : published) {
        if (usesEvents(row)) {
          events.addPublished(row);
        } else {
          keptPublished.add(row);
        }
      }
    }

    /**
     * Adds the events of the damaged rows that these sessions replace. Returns whether there were
     * any. The session of a damaged row of staging counts as newly opened, because staging held no
     * readable session.
     */
    boolean addReplacedRows(List<Session> sessions) {
      if (keptPublished.isEmpty() && keptStaged.isEmpty()) {
        return false;
      }
      List<Published> staged = removeReplaced(keptStaged, sessions);
      List<Published> published = removeReplaced(keptPublished, sessions);
      staged.forEach(row -> events.addKnown(row.session()));
      published.forEach(events::addPublished);
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
      List<Outcome> outcomes =
          events.outcomes(
              sessions,
              session -> replacedPublished.stream().anyMatch(row -> replaces(session, row)));
      outcomes.addAll(events.removals());
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
}
