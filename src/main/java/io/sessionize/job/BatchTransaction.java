package io.sessionize.job;

import io.sessionize.session.Watermark;
import io.sessionize.summary.RunSummary;

/**
 * What one batch reads, makes and writes. {@link Batch} calls each of these at most once and in
 * this order; nobody sees anything of it before the calls that publish.
 */
public interface BatchTransaction extends AutoCloseable {

  /** What the decoded records show. */
  ReadStats read();

  /**
   * Restates the users of the new events and of the open sessions.
   *
   * @param lookUp whether published rows may be touched, so that they have to be looked up
   * @param after the watermark after this batch
   */
  OutcomeStats restate(boolean lookUp, Watermark after);

  /**
   * What the restatement changes, for people.
   *
   * @param most how many sessions to show
   */
  Preview preview(int most);

  /** Whether the table of rejected records lacks any of those that were rejected. */
  boolean lacksRejected();

  /** Writes what changes in the sessions table. */
  void mergeSessions(RunSummary summary);

  /** Writes the open sessions, which name the snapshot that was merged. */
  void writeOpen(RunSummary summary);

  /**
   * Keeps what was merged on a branch of this name, in place of what was there, for who wants to
   * look at it.
   *
   * @return the snapshot
   */
  long keepSessions(String branch);

  /**
   * Makes the sessions table's changes visible.
   *
   * @throws io.sessionize.Failure conflict, where another writer was faster
   */
  void publishSessions();

  /** Adds the rejected records that the table does not hold yet, visible at once. */
  void addRejected(RunSummary summary);

  /**
   * Makes the open sessions visible: the commit point.
   *
   * @throws io.sessionize.Failure conflict, where another writer was faster
   */
  void publishOpen();

  /** Gives up what was not published. */
  @Override
  void close();
}
