package io.sessionize.session;

/**
 * A row of {@code user_sessions} as it stands there, or a damaged one of staging.
 *
 * @param sessionId its key, as stored
 * @param startMs its {@code session_start}, as stored: the day whose partition holds it
 * @param session what its events and close reason say; of a damaged row, those that can be read:
 *     possibly none
 * @param intact whether its other columns are what the events say; false for a row altered by hand
 * @param damage null where all of its events can be read
 */
public record Published(
    String sessionId, long startMs, Session session, boolean intact, Damage damage) {

  /**
   * Of a row that holds no event, or one without id or time.
   *
   * @param fromMs the start that the row still gives, epoch milliseconds
   * @param toMs the end that it still gives; before the start where neither is known
   */
  public record Damage(long fromMs, long toMs) {}

  /** A row all of whose events can be read. */
  public Published(String sessionId, long startMs, Session session, boolean intact) {
    this(sessionId, startMs, session, intact, null);
  }

  public boolean isDamaged() {
    return damage != null;
  }
}
