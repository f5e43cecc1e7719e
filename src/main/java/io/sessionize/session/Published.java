package io.sessionize.session;

import java.util.List;
import java.util.stream.Stream;

/**
 * A row of {@code user_sessions} as stored, or a damaged row of staging.
 *
 * @param sessionId key of the row, as stored
 * @param startMs {@code session_start} as stored, epoch milliseconds; its UTC day is the row's
 *     partition
 * @param session the session of its events and close reason; a damaged row has its readable events
 *     only, possibly none
 * @param intact whether its other columns match the events; false for a row altered by hand
 * @param damage null if all events can be read
 * @param storedAt where the row is stored; empty for a row of staging, several places if an
 *     external statement has stored the row more than once
 */
public record Published(
    String sessionId,
    long startMs,
    Session session,
    boolean intact,
    Damage damage,
    List<StoredAt> storedAt) {

  /**
   * The times of a row that holds no event, or one without id or time.
   *
   * @param fromMs start in the row's other columns, epoch milliseconds
   * @param toMs end in the row's other columns, epoch milliseconds; before the start if neither is
   *     known
   */
  public record Damage(long fromMs, long toMs) {}

  /** Creates a row of which all events can be read. */
  public Published(String sessionId, long startMs, Session session, boolean intact) {
    this(sessionId, startMs, session, intact, null, List.of());
  }

  /** The row and another one of the same id, as one row that is not intact. */
  Published and(Published other) {
    return new Published(
        sessionId,
        startMs,
        session,
        false,
        damage,
        Stream.concat(storedAt.stream(), other.storedAt.stream()).toList());
  }

  /**
   * Whether its id is that of its session, and its events are in the order of their times. Only an
   * external statement makes other rows.
   */
  public boolean isInOrder() {
    return !isDamaged() && session.isInOrder() && session.id().equals(sessionId);
  }

  public boolean isDamaged() {
    return damage != null;
  }
}
