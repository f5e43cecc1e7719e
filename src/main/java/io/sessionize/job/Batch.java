package io.sessionize.job;

import io.sessionize.Failure;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Rules;
import io.sessionize.session.Watermark;
import io.sessionize.source.KafkaTopics;
import io.sessionize.summary.Base;
import io.sessionize.summary.ColumnProgress;
import io.sessionize.summary.Progress;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.Work;
import java.util.Optional;
import java.util.Set;

/**
 * The batch step: restates the users of the new events together with the open sessions and the
 * published rows that late events may touch. Why it is exact: {@code docs/design.md}.
 *
 * <p>It can be repeated at any time, also after a crash, since events and sessions are identified
 * by their data. This class defines the steps and their order; the {@link Store} executes them.
 *
 * @param <R> records as the source gives them
 */
public final class Batch<R> {
  private static final int SAMPLE = 20;

  private final Store<R> store;
  private final Job job;
  private final Step.Series steps;

  /** For one run: all its batches have the same run id. */
  public Batch(Store<R> store, Job job, CrashPoint.Probe probe) {
    this.store = store;
    this.job = job;
    this.steps = new Step.Series(job, probe);
  }

  /** Runs one batch, from the records to the commit point. */
  public BatchReport run(Input<R> input) {
    Step<R> step = stepAt(input);
    step.begin();
    try (BatchTransaction transaction =
        store.begin(step.base, step.rules, input, step.limits, step.runTimeMs)) {
      ReadStats read = step.read(transaction);
      job.maxRejected().require(read, transaction::mostFrequentRejection);
      Watermark after =
          step.watermark()
              .afterEvents(
                  read.greatest(), read.newestRecordMs(), job.watermarkDelay(), step.runTimeMs);
      return step.commit(transaction, read, after);
    }
  }

  /**
   * The idle step: advances the watermark by the clock after a run that found no new event, and
   * commits tables that are out of sync, users that are newly set aside, and topics that are added
   * or dropped.
   *
   * @param nothing an input without records
   * @return empty, if there is nothing to commit
   */
  Optional<BatchReport> idle(Input<R> nothing) {
    Step<R> step = stepAt(nothing);
    Watermark after = step.watermark().afterIdle(job.watermarkDelay(), step.runTimeMs);
    boolean closes =
        step.base
            .progress()
            .oldestOpenEndMs()
            .filter(end -> after.publishedMs() > end + step.rules.timeoutMs())
            .isPresent();
    boolean setsAside = !step.limits.setAside().equals(step.base.open().setAside());
    // A new topic that has no record yet: without its offsets, a later loss would not be seen.
    boolean sameTopics = step.base.progress().topics().keySet().equals(nothing.topics().keySet());
    if (!closes && !setsAside && sameTopics && !step.base.outOfSync()) {
      return Optional.empty();
    }
    step.logBegin();
    try (BatchTransaction transaction =
        store.begin(step.base, step.rules, nothing, step.limits, step.runTimeMs)) {
      return Optional.of(step.commit(transaction, ReadStats.NOTHING, after));
    }
  }

  /**
   * Binds the tables to topics, possibly other ones, by a batch without records. The watermark
   * stays; the times of the old topics' partitions are dropped.
   *
   * @param from the offsets at which the next run begins; all partitions of the topics
   * @param kept the topics that are read as before, and keep their times
   */
  BatchReport rebind(KafkaTopics topics, Offsets from, Set<String> kept) {
    Base base = store.base();
    Rules rules = Rebinding.requireSameJob(base, job);
    Input<R> nothing =
        new Input<>(null, topics.ids(), from, from, OffsetRange.NONE, Set.of(), Work.RUN);
    Step<R> step = steps.step(nothing, base, rules);
    step.logBegin();
    try (BatchTransaction transaction =
        store.begin(base, step.rules, nothing, step.limits, step.runTimeMs)) {
      return step.commit(transaction, ReadStats.NOTHING, base.watermark().ofTopics(kept));
    }
  }

  /**
   * Restates the users of a range of offsets, read before or not: the same step, but it moves
   * neither the offsets nor the watermark.
   *
   * @param apply false to write nothing and report what would change
   */
  Backfilled backfill(Input<R> range, boolean apply) {
    return correct(step(range), apply);
  }

  /**
   * Decodes the rejected records again that the tables have not taken in, and restates the users of
   * those that are events now, as a backfill does. These records are marked in the rejected table.
   *
   * @param reason why they were rejected; empty for all reasons
   * @param apply false to write nothing and report what would change
   */
  Backfilled retry(Optional<String> reason, boolean apply) {
    Base base = store.base();
    base.requireSettled(job.names().table());
    Progress last = base.progress();
    Rules rules = Continuity.checkPart(base.open(), last.topics(), job);
    DefinitionIntake.requireDone(base, job);
    R rejected = store.rejected(base, reason);
    Input<R> input = Input.withoutOffsets(rejected, last, Set.of(), Work.RETRY);
    return correct(steps.step(input, base, rules), apply);
  }

  private Backfilled correct(Step<R> step, boolean apply) {
    step.begin();
    try (BatchTransaction transaction =
        store.begin(step.base, step.rules, step.input, step.limits, step.runTimeMs)) {
      ReadStats read = step.read(transaction);
      Watermark same = step.base.watermark();
      OutcomeStats made = step.restate(transaction, read.needsLookUp(step.base), same);
      Preview preview = step.preview(transaction, SAMPLE);
      BatchReport report = step.report(read, made, same);
      boolean marks = step.isRetry() && read.counts().elements() > read.rejectedTotal();
      if (apply && (marks || made.hasEffect() || transaction.lacksRejected())) {
        step.publish(transaction, read, step.summary(same, step.base.next(), made, report));
      }
      return new Backfilled(step.took(report), preview);
    }
  }

  /**
   * Recreates sessions from their own events; moves neither the offsets nor the watermark. A
   * recompute of the whole table records the given rules, and later runs use them. A partial
   * recompute must use the recorded rules: the look-up of a run would not find rows of other rules.
   *
   * @param branch where to keep the result instead of publishing it; null to publish
   * @throws Failure of usage, if a partial recompute is to be published under other rules
   */
  Recomputed recompute(Recomputation what, String branch) {
    // If a recompute of the whole table was interrupted, only another one completes it.
    Base base = store.base();
    Rules rules = rules(base, what, branch);
    Progress last = base.progress();
    DefinitionIntake.requireUnchanged(base, job);
    Step<R> step =
        steps.step(
            Input.withoutOffsets(
                null,
                last,
                what.users(),
                Work.RECOMPUTE.ofUsers(what.users().size()).ofDays(what.from(), what.to())),
            base,
            rules);
    step.begin();
    try (BatchTransaction transaction = store.recompute(base, rules, what, step.limits)) {
      Watermark same = base.watermark();
      OutcomeStats made = step.restate(transaction, true, same);
      BatchReport report = step.report(ReadStats.NOTHING, made, same);
      ColumnProgress columns =
          what.isWhole() ? ColumnProgress.complete(base.columns().number()) : base.columnProgress();
      RunSummary summary = step.summary(same, last.next(), made, report, columns);
      long after = base.sessionsSnapshot();
      if (branch != null) {
        transaction.mergeSessions(summary);
        after = transaction.keepSessions(branch);
      } else if (made.changes() > 0
          || made.opened() > 0
          || base.outOfSync()
          || !columns.equals(last.columns())
          || !base.isMadeBy(rules)) {
        step.publish(transaction, ReadStats.NOTHING, summary);
        after = store.base().sessionsSnapshot();
      }
      return new Recomputed(
          step.took(report),
          base.sessionsSnapshot(),
          after,
          Rules.parse(base.open().rules()),
          rules);
    }
  }

  private Rules rules(Base base, Recomputation what, String branch) {
    if (!what.isWhole()) {
      base.requireSettled(job.names().table());
    }
    Rules rules = base.rulesOfRecompute(job.rules(), job.names().table());
    rules.validate();
    if (!what.isWhole() && branch == null && !base.isMadeBy(rules)) {
      throw Failure.usage(
          "The tables were made with other rules (%s) than the given ones (%s), and all rows must follow the same"
              + " rules: use --what-if, or recompute the whole table, without --user and dates.",
          Rules.shown(base.open().rules()), rules.shown());
    }
    return rules;
  }

  /**
   * A step on the current base, if the input begins where the tables end.
   *
   * @throws Failure as {@link #step}; conflict, if another run has moved the offsets of the tables
   */
  private Step<R> stepAt(Input<R> input) {
    Step<R> step = step(input);
    Offsets reached = step.base.next();
    Offsets own = reached.ofTopics(input.topics().keySet());
    if (!own.orElse(input.from()).equals(input.from())) {
      throw Failure.conflict(
          null,
          "Another run has moved %s from %s to %s since this run began: run again.",
          job.names().table(),
          input.from(),
          reached);
    }
    return step;
  }

  /**
   * A step on the current base. Rules and topics are checked here for each batch, since a recompute
   * may have changed the rules after the run began, without moving the offsets.
   *
   * @throws Failure of usage or broken, if this job must not continue with these tables
   */
  private Step<R> step(Input<R> input) {
    Base base = store.base();
    base.requireSettled(job.names().table());
    Rules rules = Continuity.check(base.open(), input, job);
    DefinitionIntake.requireDone(base, job);
    return steps.step(input, base, rules);
  }
}
