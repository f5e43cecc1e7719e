package io.sessionize.job;

import io.sessionize.Failure;
import io.sessionize.Version;
import io.sessionize.event.Limits;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Rules;
import io.sessionize.session.SetAside;
import io.sessionize.session.Watermark;
import io.sessionize.source.KafkaTopics;
import io.sessionize.summary.Base;
import io.sessionize.summary.ColumnProgress;
import io.sessionize.summary.Progress;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.RunSummary.Origin;
import io.sessionize.summary.RunSummary.Settings;
import io.sessionize.summary.Work;
import io.sessionize.summary.Work.Command;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

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
  private static final String READ = "read";
  private static final String RESTATE = "restate";
  private static final String PREVIEW = "preview";
  private static final String MERGE = "merge";
  private static final String STAGE = "stage";
  private static final String PUBLISH = "publish";

  private final Store<R> store;
  private final Job job;
  private final CrashPoint.Probe probe;
  private final String run = UUID.randomUUID().toString();
  private final BatchLog log = new BatchLog(run);
  private long number;

  /** For one run: all its batches have the same run id. */
  public Batch(Store<R> store, Job job, CrashPoint.Probe probe) {
    this.store = store;
    this.job = job;
    this.probe = probe;
  }

  /** Runs one batch, from the records to the commit point. */
  public BatchReport run(Input<R> input) {
    Step step = stepAt(input);
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
    Step step = stepAt(nothing);
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
    Step step = new Step(nothing, base, rules);
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
    return correct(new Step(input, base, rules), apply);
  }

  private Backfilled correct(Step step, boolean apply) {
    step.begin();
    try (BatchTransaction transaction =
        store.begin(step.base, step.rules, step.input, step.limits, step.runTimeMs)) {
      ReadStats read = step.read(transaction);
      Watermark same = step.base.watermark();
      OutcomeStats made = step.restate(transaction, read.needsLookUp(step.base), same);
      Preview preview = transaction.preview(SAMPLE);
      step.durations.end(PREVIEW);
      BatchReport report = BatchReport.of(step.input, read, made, same, step.durations);
      boolean marks = step.isRetry() && read.counts().elements() > read.rejectedTotal();
      if (apply && (marks || made.hasEffect() || transaction.lacksRejected())) {
        step.publish(transaction, read, step.summary(same, step.base.next(), made, report));
      }
      return new Backfilled(report.took(step.durations), preview);
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
    Step step =
        new Step(
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
      BatchReport report =
          BatchReport.of(step.input, ReadStats.NOTHING, made, same, step.durations);
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
      return new Recomputed(report.took(step.durations), base.sessionsSnapshot(), after, rules);
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
          base.open().rules(), rules.text());
    }
    return rules;
  }

  /**
   * A step on the current base, if the input begins where the tables end.
   *
   * @throws Failure as {@link #step}; conflict, if another run has moved the offsets of the tables
   */
  private Step stepAt(Input<R> input) {
    Step step = step(input);
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
  private Step step(Input<R> input) {
    Base base = store.base();
    base.requireSettled(job.names().table());
    Rules rules = Continuity.check(base.open(), input, job);
    DefinitionIntake.requireDone(base, job);
    return new Step(input, base, rules);
  }

  private Limits limits(Base base) {
    Duration horizon = job.lateHorizon();
    SetAside recorded = base.setAside();
    return new Limits(
        job.clockSkew().toMillis(),
        horizon == null ? null : horizon.toMillis(),
        job.setAside() == null ? recorded : recorded.of(job.setAside()));
  }

  /** One batch with its base and its clock. */
  private final class Step {
    private final Input<R> input;
    private final Base base;
    private final Rules rules;
    private final Limits limits;
    private final long runTimeMs = job.clock().getAsLong();
    private final Durations durations = new Durations();
    private long restatedMs;

    Step(Input<R> input, Base base, Rules rules) {
      this.input = input;
      this.base = base;
      this.rules = rules;
      this.limits = limits(base);
      number++;
    }

    void begin() {
      logBegin();
      reached(CrashPoint.BEGUN);
    }

    void logBegin() {
      log.begins(input, base, limits.setAside(), job.names().table(), runTimeMs);
    }

    ReadStats read(BatchTransaction transaction) {
      ReadStats read = transaction.read();
      durations.end(READ);
      log.read(read);
      reached(CrashPoint.DECODED);
      return read;
    }

    /** The watermark before a run, without the times of topics that are dropped. */
    Watermark watermark() {
      return base.watermark().ofTopics(input.topics().keySet());
    }

    OutcomeStats restate(BatchTransaction transaction, boolean lookUp, Watermark after) {
      OutcomeStats made = transaction.restate(lookUp, after);
      durations.end(RESTATE);
      restatedMs = durations.time().milliseconds();
      log.restated(made, base.watermark(), after);
      return made;
    }

    BatchReport commit(BatchTransaction transaction, ReadStats read, Watermark after) {
      OutcomeStats made = restate(transaction, read.needsLookUp(base), after);
      BatchReport report = BatchReport.of(input, read, made, after, durations);
      publish(transaction, read, summary(after, input.next(), made, report));
      return report.took(durations);
    }

    /** The commit protocol. A crash after any line does no harm. */
    void publish(BatchTransaction transaction, ReadStats read, RunSummary summary) {
      transaction.mergeSessions(summary);
      durations.end(MERGE);
      reached(CrashPoint.SESSIONS_MERGED);
      transaction.writeOpen(summary);
      durations.end(STAGE);
      reached(CrashPoint.OPEN_WRITTEN);
      // Crash up to here: readers do not see the branches; the next run's commit drops them.
      transaction.publishSessions();
      reached(CrashPoint.SESSIONS_PUBLISHED);
      // Crash here: staging belongs to the previous snapshot. The next run finds the tables out of
      // sync. It looks up every user in staging and every user with a row of the last hours, so
      // that
      // it restates published sessions instead of duplicating them.
      if (read.rejectedTotal() > 0) {
        transaction.addRejected(summary);
      }
      if (isRetry()) {
        // The marks name the snapshot that is published now. They hold from the commit point on,
        // which lists it.
        transaction.markTakenIn(summary);
      }
      reached(CrashPoint.REJECTED_PUBLISHED);
      // Crash here: as above. A retry does not add a rejected record again.
      transaction.publishOpen();
      durations.end(PUBLISH);
      reached(CrashPoint.OPEN_PUBLISHED);
      // Crash here: the checkpoint lags behind the tables; the next run skips the offsets that they
      // have.
    }

    boolean isRetry() {
      return input.work().command() == Command.RETRY;
    }

    private void reached(CrashPoint point) {
      log.reached(point, durations);
      probe.passed(point);
    }

    RunSummary summary(Watermark after, Offsets next, OutcomeStats made, BatchReport report) {
      return summary(after, next, made, report, base.columnProgress());
    }

    RunSummary summary(
        Watermark after,
        Offsets next,
        OutcomeStats made,
        BatchReport report,
        ColumnProgress columns) {
      Map<String, Long> counts = new TreeMap<>(report.counts());
      counts.put("milliseconds_to_restate", restatedMs);
      return new RunSummary(
          new Origin(Version.TEXT, Optional.of(run), number, input.work()),
          Optional.of(
              new Settings(
                  runTimeMs,
                  limits.clockSkewMs(),
                  Optional.ofNullable(limits.lateHorizonMs()),
                  base.definitions().name(base.progress().topics().keySet()),
                  limits.setAside(),
                  base.columns().name())),
          RunSummary.known(base.watermark().publishedMs()),
          RunSummary.known(after.publishedMs()),
          rules.text(),
          Optional.of(base.openSnapshot()),
          Optional.empty(),
          counts,
          Optional.of(
              new Progress(
                  input.topicsAfter(base.progress().topics()),
                  input.from(),
                  input.next(),
                  next,
                  input.lost(),
                  after,
                  made.openPublished(),
                  Optional.ofNullable(made.oldestOpenEndMs()),
                  base.retries(limits.setAside()),
                  columns)));
    }
  }
}
