package io.sessionize.audit;

import io.sessionize.history.Commit;
import io.sessionize.session.Rules;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What the tables hold about one user: the events in their order, where sessions were cut and by
 * which rule, and which batch read each event.
 *
 * @param rules that the tables record
 * @param watermark the published watermark; null before the first event
 * @param isSetAside whether all records of the user are rejected
 * @param isOutOfSync whether a batch is between its two commits, or crashed there
 * @param sessionCount how many sessions the user has in the range, or that there are more than
 *     shown
 * @param eventCount how many events these sessions have
 * @param sessions the newest sessions of the range, the oldest first
 * @param rejected records of the user that were rejected, the newest ones, the oldest first
 * @param hasMoreRejected whether there are more of them
 * @param batches the commits that {@code sessions} and {@code rejected} name
 */
public record Explanation(
    String user,
    Rules rules,
    Instant watermark,
    boolean isSetAside,
    boolean isOutOfSync,
    long sessionCount,
    long eventCount,
    List<UserSession> sessions,
    List<RejectedRecord> rejected,
    boolean hasMoreRejected,
    Batches batches) {

  /** Where a session is. */
  public enum State {
    /** In the sessions table. */
    CLOSED,
    /** In the staging table. */
    OPEN,
    /** In both: it was closed, and a later event opened it again. */
    OPEN_AND_PUBLISHED
  }

  /**
   * One session.
   *
   * @param eventCount of the whole session
   * @param closeReason as stored
   * @param events the newest events of the session, in their order; all of them, unless the limit
   *     was reached or the row is damaged
   * @param notShown how many earlier events the limit leaves out
   * @param columns the session columns with a value, as a JSON object; null if there are none
   * @param changes the kept commits of the sessions table that changed its row, the oldest first
   * @param cut why it ends
   */
  public record UserSession(
      String id,
      State state,
      long startMs,
      long endMs,
      long eventCount,
      String closeReason,
      List<UserEvent> events,
      long notShown,
      String columns,
      List<RowChange> changes,
      Cut cut) {

    /** Whether the row has another number of events than it says, or none. */
    public boolean isDamaged() {
      return events.isEmpty() || events.size() + notShown != eventCount;
    }
  }

  /**
   * One event.
   *
   * @param timeMs epoch milliseconds
   * @param pageName may be null
   * @param eventName may be null
   * @param properties with a value, by name
   * @param pauseMs since the event before it; null for the user's first one, or if that event is
   *     not shown
   * @param readBy the commit of the batch that read it first; null if that commit is not known
   * @param isLate whether it was late in that run; null if no run read it, or if that is not known
   */
  public record UserEvent(
      long timeMs,
      String id,
      String pageName,
      String eventName,
      Map<String, Object> properties,
      Long pauseMs,
      Commit readBy,
      Boolean isLate) {}

  /**
   * A change of the row of a session.
   *
   * @param change {@code added}, {@code changed} or {@code removed}
   */
  public record RowChange(String change, Commit by) {}

  /**
   * A rejected record.
   *
   * @param recordTime null if it is unknown
   * @param readBy the commit of the batch that read its offset; null if it has expired
   */
  public record RejectedRecord(
      String topic,
      int partition,
      long offset,
      Instant recordTime,
      String reason,
      String detail,
      Instant rejectedAt,
      Commit readBy) {}

  /** Whether there is neither a session nor a rejected record. */
  public boolean isEmpty() {
    return sessions.isEmpty() && rejected.isEmpty();
  }

  /** The number of events that the limit leaves out. */
  public long notShown() {
    return eventCount
        - sessions.stream().mapToLong(session -> session.eventCount() - session.notShown()).sum();
  }

  /** The number of events that are shown. */
  public long shownEvents() {
    return sessions.stream().mapToLong(session -> session.events().size()).sum();
  }
}
