package io.sessionize.session;

/**
 * Says what one batch does with one session.
 *
 * @param session the session; for a removed row, the session of that row; for a damaged row, its
 *     readable events
 * @param change what happens to its row in {@code user_sessions}
 * @param stored the row that is changed, removed or left damaged, or null
 * @param open whether it stays in staging
 * @param published whether it is in {@code user_sessions} after the batch; it may be in staging too
 * @param wasStaged whether staging held a session of this id before the batch
 * @param newEvents number of events that neither table held before
 * @param replacedEvents number of events that a new copy has replaced, with another content
 * @param conflictingCopies number of dropped copies of its events that conflict with the copy that
 *     is kept: see {@link Event#conflictsWith}
 */
public record Outcome(
    Session session,
    Change change,
    Published stored,
    boolean open,
    boolean published,
    boolean wasStaged,
    int newEvents,
    int replacedEvents,
    int conflictingCopies) {

  /** What happens to a row of {@code user_sessions}. */
  public enum Change {
    NONE,
    ADDED,
    CHANGED,
    REMOVED
  }

  /** An outcome without copies. */
  public Outcome(
      Session session,
      Change change,
      Published stored,
      boolean open,
      boolean published,
      boolean wasStaged,
      int newEvents) {
    this(session, change, stored, open, published, wasStaged, newEvents, 0, 0);
  }

  /** The removal of a row. */
  public static Outcome removed(Published row) {
    return new Outcome(row.session(), Change.REMOVED, row, false, false, false, 0);
  }

  /** Whether it is a damaged row, of either table, that stays as it is. */
  public boolean isDamaged() {
    return change == Change.NONE && stored != null && stored.isDamaged();
  }

  /** Returns the key of the row. */
  public String sessionId() {
    return change == Change.REMOVED || isDamaged() ? stored.sessionId() : session.id();
  }
}
