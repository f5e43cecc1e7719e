package io.sessionize.summary;

import io.sessionize.Failure;
import io.sessionize.column.RecordedColumns;
import io.sessionize.event.Definitions;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.AffectedUser;
import io.sessionize.session.LookUp;
import io.sessionize.session.Rules;
import io.sessionize.session.SetAside;
import io.sessionize.session.Watermark;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * The base of a batch: the current snapshots of both tables and their summaries. Each batch checks
 * rules and topics on its own base, since a recompute can end between two batches of a run without
 * moving the offsets.
 *
 * @param sessionsSnapshot id of the sessions table's current snapshot
 * @param openSnapshot id of the staging table's current snapshot
 * @param sessions the newest summary in the sessions table's ancestry; empty if it expired
 * @param open the newest summary in the staging table's ancestry: the last commit point
 * @param outOfSync whether staging belongs to another snapshot of the sessions table than the
 *     current one (after a crash, another driver or an external commit). Then every user in staging
 *     is affected, and every user with a row that an on-time event could change
 * @param definitions that the tables have taken in, at least one
 * @param columns session columns that the tables have taken in
 */
public record Base(
    long sessionsSnapshot,
    long openSnapshot,
    Optional<RunSummary> sessions,
    RunSummary open,
    boolean outOfSync,
    Definitions definitions,
    RecordedColumns columns) {

  /**
   * Whether a run, a backfill or a recompute is between its two commits, or crashed there. False
   * after an external commit.
   */
  public boolean isBetweenCommits() {
    return outOfSync && sessions.filter(summary -> !summary.isOfSameBatch(open)).isPresent();
  }

  /**
   * How far the tables have read the topics.
   *
   * @throws Failure broken, if the summary of the staging table does not record it
   */
  public Progress progress() {
    return open.requireProgress();
  }

  /** The offsets at which the next run begins. */
  public Offsets next() {
    return progress().next();
  }

  /** The same base with another definition in use, for the replay of a past batch. */
  public Base using(Definitions others) {
    return new Base(sessionsSnapshot, openSnapshot, sessions, open, outOfSync, others, columns);
  }

  /** The same base with other session columns in use, for the replay of a past batch. */
  public Base using(RecordedColumns others) {
    return new Base(sessionsSnapshot, openSnapshot, sessions, open, outOfSync, definitions, others);
  }

  /**
   * How far the rows follow the session columns after a batch on this base. New tables have no row
   * that follows older ones.
   */
  public ColumnProgress columnProgress() {
    return progress().hasRead()
        ? progress().columns().using(columns.number())
        : ColumnProgress.complete(columns.number());
  }

  /** The published watermark. After a crash, that of the sessions table can be ahead. */
  public Watermark watermark() {
    long ahead = sessions.flatMap(RunSummary::watermarkMs).orElse(Watermark.NONE);
    return progress().watermark().atLeast(ahead);
  }

  /**
   * The users that are set aside. After a crash between the two commits, those of the crashed
   * batch: it has already removed their published sessions.
   */
  public SetAside setAside() {
    return (isBetweenCommits() ? sessions.orElseThrow() : open).setAside();
  }

  /**
   * Which of these users the tables may hold sessions of. If the tables are out of sync, the
   * sessions table may hold sessions of any of them: a crashed batch may have had a shorter list.
   */
  public SetAside newlySetAside(SetAside users) {
    return outOfSync ? users : users.without(open.setAside());
  }

  /**
   * The retries whose events the tables still hold after a batch with these users set aside. If
   * sessions are removed, all marks end: the next retry takes the records in that are not there.
   */
  public Set<Long> retries(SetAside users) {
    return newlySetAside(users).isEmpty() ? progress().retries() : Set.of();
  }

  /**
   * Whether staging holds each open session as a batch would write it that finds no new event of
   * its user. False, if a setting on which its columns depend has changed, or if a row is damaged.
   *
   * @param rules of the batch
   * @param setAside users who are set aside in the batch
   * @param version of the job
   */
  public boolean holdsOpenAsMade(Rules rules, SetAside setAside, String version) {
    return !outOfSync
        && open.origin().version().equals(version)
        && open.rules().equals(rules.text())
        && open.count("damaged") == 0
        && open.settings()
            .filter(
                made ->
                    made.definition().equals(definitions.name(progress().topics().keySet()))
                        && made.setAside().equals(setAside)
                        && made.columns().equals(columns.name()))
            .isPresent();
  }

  /** Whether both tables were made with the given rules. */
  public boolean isMadeBy(Rules rules) {
    return rulesOfTables().allMatch(rules.text()::equals);
  }

  /**
   * Checks that both tables were made with the same rules.
   *
   * @param table its name in messages
   * @throws Failure of usage, if a recompute of the whole table was interrupted, or of a moment, if
   *     it is between its two commits: see {@link Failure#usageOrMoment}
   */
  public void requireSettled(String table) {
    String made = sessions.map(RunSummary::rules).orElse(open.rules());
    if (!made.equals(open.rules())) {
      throw Failure.usageOrMoment(
          "A recompute of %s from %s to %s was interrupted: run it again with one of these rules,"
              + " unless it still runs.",
          table, Rules.shown(open.rules()), Rules.shown(made));
    }
  }

  /**
   * Returns the rules of a recompute of the whole table. After one that was interrupted, the tables
   * record two sets of rules, and each rule that differs must be given. The clock changes of a zone
   * are those of this Java.
   *
   * @param given returns the rules to use, from the recorded ones
   * @param table its name in messages
   * @throws Failure of usage, if the two sets give different rules
   */
  public Rules rulesOfRecompute(UnaryOperator<Rules> given, String table) {
    Rules rules = given.apply(Rules.parse(open.rules())).ofThisJava();
    String made = sessions.map(RunSummary::rules).orElse(open.rules());
    if (!rules.equals(given.apply(Rules.parse(made)).ofThisJava())) {
      throw Failure.usage(
          "A recompute of %s from %s to %s was interrupted, so the tables do not record one set of rules: give each"
              + " rule that differs to recompute.",
          table, Rules.shown(open.rules()), Rules.shown(made));
    }
    return rules;
  }

  /** The look-up that finds all rows made with these rules or the recorded ones. */
  private LookUp lookUp(Rules rules) {
    return LookUp.under(
        Stream.concat(Stream.of(rules), rulesOfTables().map(Rules::parse)).toList());
  }

  /** The conditions under which a batch on this base affects a user. */
  public AffectedUser affected(Rules rules) {
    return new AffectedUser(watermark().publishedMs(), outOfSync, lookUp(rules));
  }

  private Stream<String> rulesOfTables() {
    return Stream.concat(sessions.stream(), Stream.of(open)).map(RunSummary::rules).distinct();
  }
}
