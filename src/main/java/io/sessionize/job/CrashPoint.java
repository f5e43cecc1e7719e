package io.sessionize.job;

/** The steps of a run after each of which a crash must do no harm, in their order. */
public enum CrashPoint {
  BEGUN,
  DECODED,
  SESSIONS_MERGED,
  OPEN_WRITTEN,
  SESSIONS_PUBLISHED,
  REJECTED_PUBLISHED,
  OPEN_PUBLISHED,
  CHECKPOINT_COMMITTED;

  /** Told when a step is done. Does nothing outside of tests. */
  @FunctionalInterface
  public interface Probe {
    Probe NONE = point -> {};

    void passed(CrashPoint point);
  }
}
