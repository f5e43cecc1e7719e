package io.sessionize.audit.proof;

import java.util.List;

/**
 * What became of the proof of one run.
 *
 * @param evidence what it was recomputed from
 * @param reason why not from Kafka; empty where it was
 * @param sessions rows of the sessions table that it had to add, change or remove
 * @param differences the first ones
 * @param more whether there are more than these
 */
public record ProofReport(
    PastRun run,
    Evidence evidence,
    String reason,
    long sessions,
    List<Difference> differences,
    boolean more) {

  /** What a run was recomputed from, the strongest first. */
  public enum Evidence {
    /** The records that it read. */
    KAFKA,
    /** The events that it stored: weaker, since it cannot show that none was missed. */
    STORED_EVENTS,
    /** Nothing: what it built on is gone. */
    NONE
  }

  /**
   * A difference between what a run had to make and what is there.
   *
   * @param snapshot of the sessions table that the run published
   * @param sessionId the session, or the Kafka coordinates of a rejected record
   * @param what is wrong, for people
   */
  public record Difference(long snapshot, String sessionId, String what) {}

  /** Whether all is as it had to be. */
  public boolean isProven() {
    return evidence != Evidence.NONE && differences.isEmpty();
  }
}
