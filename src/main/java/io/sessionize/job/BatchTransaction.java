package io.sessionize.job;

import io.sessionize.session.Watermark;
import io.sessionize.summary.RunSummary;

/**
 * The reads and writes of one batch. {@link Batch} calls each method at most once and in this
 * order. Readers of the tables see nothing before the methods that publish.
 */
public interface BatchTransaction extends AutoCloseable {

  /** Reads and decodes the records and returns their counts. */
  ReadStats read();

  /**
   * Restates the users of the new events and of the open sessions.
   *
   * @param lookUp whether published rows may change, so that they must be looked up
   * @param after the watermark after this batch
   */
  OutcomeStats restate(boolean lookUp, Watermark after);

  /**
   * The changes of the restatement, for the preview of a backfill.
   *
   * @param most how many sessions to show
   */
  Preview preview(int most);

  /** Whether the rejected table lacks any of the rejected records of this batch. */
  boolean lacksRejected();

  /** Describes the most frequent rejection of this batch, without records of set-aside users. */
  String mostFrequentRejection();

  /** Writes the changes of the sessions table to a branch. */
  void mergeSessions(RunSummary summary);

  /** Writes the open sessions to a branch of staging, with the id of the merged snapshot. */
  void writeOpen(RunSummary summary);

  /**
   * Keeps the merged sessions on a branch of this name instead of publishing them. Replaces the
   * branch.
   *
   * @return the snapshot
   */
  long keepSessions(String branch);

  /**
   * Makes the sessions table's changes visible.
   *
   * @throws io.sessionize.Failure conflict, if another writer committed first
   */
  void publishSessions();

  /** Adds the rejected records that the rejected table lacks. They are visible at once. */
  void addRejected(RunSummary summary);

  /**
   * Marks the records of a retry that are rejected no longer, with the snapshot of the sessions
   * table that was published.
   */
  void markTakenIn(RunSummary summary);

  /**
   * Makes the open sessions visible: the commit point.
   *
   * @throws io.sessionize.Failure conflict, if another writer committed first
   */
  void publishOpen();

  /** Drops everything that was not published. */
  @Override
  void close();
}
