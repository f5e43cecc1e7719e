package io.sessionize.summary;

import io.sessionize.Failure;
import io.sessionize.session.LookUp;
import io.sessionize.session.Rules;
import io.sessionize.session.Watermark;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a batch builds on: the current snapshots of both tables and what they say. All that has to
 * agree before a batch is checked on the very base that the batch builds on, since a recompute
 * moves no offsets and may end between two batches of a run.
 *
 * @param sessionsSnapshot id of the sessions table's current snapshot
 * @param openSnapshot id of the staging table's current snapshot
 * @param sessions the newest summary of ours in the sessions table's ancestry; empty where somebody
 *     has expired it
 * @param open the newest summary of ours in the staging table's ancestry: the last commit point
 * @param apart whether anything came between the two tables' commits (a crash, another driver, a
 *     person): then every user in staging has to be looked up in the sessions table, and so has
 *     every user with a row that an on-time event could still touch
 */
public record Base(
    long sessionsSnapshot,
    long openSnapshot,
    Optional<RunSummary> sessions,
    RunSummary open,
    boolean apart) {

  /**
   * Whether a run, a backfill or a recompute has come between the tables, rather than a person: it
   * is between its two commits, or has crashed there.
   */
  public boolean isBetweenCommits() {
    return apart && sessions.filter(summary -> !summary.isOfSameBatch(open)).isPresent();
  }

  /** The watermark as published: the sessions table may be ahead after a crash. */
  public Watermark watermark() {
    long ahead = sessions.map(summary -> summary.watermark().publishedMs()).orElse(Watermark.NONE);
    return open.watermark().atLeast(ahead);
  }

  /** Whether both tables were made by the given rules. */
  public boolean isMadeBy(Rules rules) {
    return rulesOfTables().allMatch(rules.text()::equals);
  }

  /**
   * Checks that both tables were made by the same rules.
   *
   * @param table as people read it
   * @throws Failure of usage, where a recompute of the whole table ended in the middle
   */
  public void requireSettled(String table) {
    String made = sessions.map(RunSummary::rules).orElse(open.rules());
    if (!made.equals(open.rules())) {
      throw Failure.usage(
          "A recompute of %s from %s to %s was not finished: run it again with either.",
          table, open.rules(), made);
    }
  }

  /** Finds every row that these rules or the recorded ones have made. */
  public LookUp lookUp(Rules rules) {
    return LookUp.under(
        Stream.concat(Stream.of(rules), rulesOfTables().map(Rules::parse)).toList());
  }

  private Stream<String> rulesOfTables() {
    return Stream.concat(sessions.stream(), Stream.of(open)).map(RunSummary::rules).distinct();
  }
}
