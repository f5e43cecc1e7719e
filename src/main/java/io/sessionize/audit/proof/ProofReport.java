package io.sessionize.audit.proof;

import java.util.List;

/**
 * The result of the proof of one run.
 *
 * @param evidence the source of the replay
 * @param reason why it was not replayed from Kafka; empty if it was
 * @param sessions rows of the sessions table that the replay adds, changes or removes
 * @param differences the first ones
 * @param more whether there are more differences
 */
public record ProofReport(
    PastRun run,
    Evidence evidence,
    String reason,
    long sessions,
    List<Difference> differences,
    boolean more) {

  /** The source of a replay, the strongest first. */
  public enum Evidence {
    /** The records that it read. */
    KAFKA,
    /** The rejected records that a retry took in, as the rejected table has them. */
    REJECTED_RECORDS,
    /** The events that it stored: weaker, since it cannot show that none was missed. */
    STORED_EVENTS,
    /** Nothing: no snapshot records what it did. */
    NONE,
    /** Nothing any more: the snapshots on which it was built expired. */
    EXPIRED;

    /** Whether a replay has no source. */
    boolean isMissing() {
      return this == NONE || this == EXPIRED;
    }
  }

  /**
   * A difference between the replay of a run and the tables.
   *
   * @param snapshot of the sessions table that the run published
   * @param sessionId the session, or the Kafka coordinates of a rejected record
   * @param what a description of the difference
   */
  public record Difference(long snapshot, String sessionId, String what) {}

  /** Whether the run was replayed without a difference. */
  public boolean isProven() {
    return isProvable() && differences.isEmpty();
  }

  /** Whether each batch of the run could be replayed. */
  public boolean isProvable() {
    return !evidence.isMissing();
  }

  /** Whether a batch that could be replayed differs from the tables. */
  public boolean isRefuted() {
    return !differences.isEmpty();
  }
}
