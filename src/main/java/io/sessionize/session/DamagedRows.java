package io.sessionize.session;

/** How a batch treats damaged rows: rows whose events were deleted or made unreadable by hand. */
public enum DamagedRows {
  /** Keeps them unchanged and ignores their events. Used by runs, which repair nothing. */
  KEEP,
  /**
   * Replaces them if other events make a session with the same id or overlapping times. Used by
   * backfills.
   */
  REPLACE,
  /** Also uses their own readable events. Used by recomputes. */
  REMAKE
}
