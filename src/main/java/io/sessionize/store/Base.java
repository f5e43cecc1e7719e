package io.sessionize.store;

import io.sessionize.session.Watermark;

/**
 * What a batch builds on: the current snapshots of both tables and what they say.
 *
 * @param sessionsSnapshot id of the sessions table's current snapshot
 * @param openSnapshot id of the staging table's current snapshot
 * @param sessions the newest summary of ours in the sessions table's ancestry
 * @param open the newest summary of ours in the staging table's ancestry: the last commit point
 * @param apart whether anything came between the two tables' commits (a crash, another driver, a
 *     person): then every user in staging has to be looked up in the sessions table
 */
public record Base(
    long sessionsSnapshot, long openSnapshot, RunSummary sessions, RunSummary open, boolean apart) {

  /** The watermark as published: the sessions table may be ahead after a crash. */
  public Watermark watermark() {
    return open.watermark().atLeast(sessions.watermark().publishedMs());
  }
}
