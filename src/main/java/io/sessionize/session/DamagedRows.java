package io.sessionize.session;

/** What becomes of rows whose events somebody has taken, or made unreadable, by hand. */
public enum DamagedRows {
  /** They stay as they are, and their events do not count: a run repairs nothing by the way. */
  KEEP,
  /** They give way to what other events make in their place. */
  REPLACE,
  /** They give way to what their own readable events make too. */
  REMAKE
}
