package io.sessionize.session;

/**
 * What becomes of one session in one batch.
 *
 * @param session the session; for a deletion, the row that goes; for a damaged row, what can be
 *     read of it
 * @param change what happens to its row in {@code user_sessions}
 * @param stored the row that is changed, deleted or left damaged, or null
 * @param open whether it stays in staging
 * @param published whether it (also) stands in {@code user_sessions} after the batch
 * @param carried whether staging held a session of this id before the batch
 * @param added events that neither table held before
 */
public record Outcome(
    Session session,
    Change change,
    Published stored,
    boolean open,
    boolean published,
    boolean carried,
    int added) {

  /** What happens to a row of {@code user_sessions}. */
  public enum Change {
    NONE,
    INSERT,
    UPDATE,
    DELETE
  }

  /** Whether it is a damaged row, of either table, that stays as it is. */
  public boolean isDamaged() {
    return change == Change.NONE && stored != null && stored.isDamaged();
  }

  /** The key of the row concerned. */
  public String sessionId() {
    return change == Change.DELETE || isDamaged() ? stored.sessionId() : session.id();
  }
}
