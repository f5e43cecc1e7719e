package io.sessionize.job;

/** The steps of the commit protocol, in their order. A crash after any of them must do no harm. */
public enum CrashPoint {
  BEGUN,
  DECODED,
  SESSIONS_MERGED,
  OPEN_WRITTEN,
  SESSIONS_PUBLISHED,
  REJECTED_PUBLISHED,
  OPEN_PUBLISHED,
  CHECKPOINT_COMMITTED;

  /** Called after each step. Does nothing outside of tests. */
  @FunctionalInterface
  public interface Probe {
    Probe NONE = point -> {};

    void passed(CrashPoint point);
  }
}
