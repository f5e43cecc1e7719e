package io.sessionize.session;

/**
 * A row of {@code user_sessions} as it stands there.
 *
 * @param sessionId its key, as stored
 * @param startMs its {@code session_start}, as stored: the day whose partition holds it
 * @param session what its events and close reason say
 * @param intact whether its other columns are what the events say; false for a row altered by hand
 */
public record Published(String sessionId, long startMs, Session session, boolean intact) {}
