package io.sessionize.job;

import io.sessionize.Failure;
import io.sessionize.Version;
import io.sessionize.event.Limits;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Watermark;
import io.sessionize.summary.Base;
import io.sessionize.summary.RunSummary;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/**
 * The batch step: re-sessionizes the users of the new events together with the open sessions and
 * those published rows that late events may touch. Why it is exact: {@code docs/design.md}.
 *
 * <p>It may be done again at any time, whatever became of the last attempt: identity is in the
 * data. What is done, and in which order, stands here; how, in the {@link Store}.
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
  public static final String RECOMPUTE = "recompute";
  public static final String RECOMPUTE_OF_A_PART = RECOMPUTE + " of a part";

  private final Store<R> store;
  private final Job job;
  private final CrashPoint.Probe probe;
  private final String run = UUID.randomUUID().toString();
  private final BatchLog log = new BatchLog(run);

  /** For one run alone: all its batches bear the same mark. */
  public Batch(Store<R> store, Job job, CrashPoint.Probe probe) {
    this.store = store;
    this.job = job;
    this.probe = probe;
  }

  /** Runs one batch, from the records to the commit point. */
  public BatchReport run(Input<R> input) {
    Durations durations = new Durations();
    long runTimeMs = job.clock().getAsLong();
    Base base = baseAt(input);
    log.begins(input, base, job.names().table(), runTimeMs);
    reached(CrashPoint.BEGUN, durations);
    try (BatchTransaction attempt = store.attempt(base, input, limits(), runTimeMs)) {
      ReadStats read = attempt.read();
      durations.end(READ);
      log.read(read);
      reached(CrashPoint.DECODED, durations);
      Watermark after =
          base.watermark()
              .afterEvents(read.greatest(), read.newestRecordMs(), job.watermarkDelay(), runTimeMs);
      return commit(input, base, runTimeMs, attempt, read, after, durations);
    }
  }

  /**
   * Lets time go on where a run has found no event at all, and puts tables right that are apart.
   *
   * @return nothing, where no session closes by it and the tables belong together
   */
  Optional<BatchReport> silence(Input<R> nothing) {
    Durations durations = new Durations();
    long runTimeMs = job.clock().getAsLong();
    Base base = baseAt(nothing);
    Watermark after = base.watermark().afterSilence(job.watermarkDelay(), runTimeMs);
    long oldestEnd = base.open().oldestOpenEndMs();
    boolean closes =
        oldestEnd != Long.MAX_VALUE && after.publishedMs() > oldestEnd + job.rules().timeoutMs();
    if (!closes && !base.apart()) {
      return Optional.empty();
    }
    log.begins(nothing, base, job.names().table(), runTimeMs);
    try (BatchTransaction attempt = store.attempt(base, nothing, limits(), runTimeMs)) {
      return Optional.of(
          commit(nothing, base, runTimeMs, attempt, ReadStats.NOTHING, after, durations));
    }
  }

  /**
   * Puts a range of offsets right, read before or not: the same step, which moves neither the
   * offsets nor the watermark.
   *
   * @param apply false to write nothing and tell what would be
   */
  Backfilled backfill(Input<R> range, boolean apply) {
    Durations durations = new Durations();
    long runTimeMs = job.clock().getAsLong();
    Base base = base(range);
    log.begins(range, base, job.names().table(), runTimeMs);
    reached(CrashPoint.BEGUN, durations);
    try (BatchTransaction attempt = store.attempt(base, range, limits(), runTimeMs)) {
      ReadStats read = attempt.read();
      durations.end(READ);
      log.read(read);
      reached(CrashPoint.DECODED, durations);
      Watermark same = base.watermark();
      OutcomeStats made = attempt.restate(lookUp(read, base), same);
      durations.end(RESTATE);
      log.restated(made, same, same);
      Preview preview = attempt.preview(SAMPLE);
      durations.end(PREVIEW);
      BatchReport report = BatchReport.of(range, read, made, same, durations.total());
      if (apply && (made.newEvents() > 0 || made.changes() > 0 || attempt.lacksRejected())) {
        Offsets reached = new Offsets(base.open().next());
        publish(
            attempt, read, summary(range, base, runTimeMs, same, reached, made, report), durations);
      }
      return new Backfilled(report.took(durations), preview);
    }
  }

  /**
   * Makes sessions anew from their own events; moves neither the offsets nor the watermark. Over
   * the whole table it records the rules given now, so that runs may go on with them. A part
   * follows the recorded rules: others would make rows that no look-up of a run finds.
   *
   * @param branch where to keep the result in place of publishing it; null to publish
   * @throws Failure of usage, where a part is to be published under other rules
   */
  Recomputed recompute(Recomputation what, String branch) {
    Durations durations = new Durations();
    // Where one of the whole table was interrupted, only another of the whole table puts it right.
    Base base = store.base();
    if (!what.isWhole()) {
      requireRulesOfPart(base, branch);
    }
    long runTimeMs = job.clock().getAsLong();
    RunSummary last = base.open();
    Offsets reached = new Offsets(last.next());
    Input<R> nothing =
        new Input<>(
            null,
            last.topic(),
            last.topicId(),
            reached,
            reached,
            Map.of(),
            what.users(),
            what.isWhole() ? RECOMPUTE : RECOMPUTE_OF_A_PART);
    log.begins(nothing, base, job.names().table(), runTimeMs);
    reached(CrashPoint.BEGUN, durations);
    try (BatchTransaction attempt = store.recompute(base, what)) {
      Watermark same = base.watermark();
      OutcomeStats made = attempt.restate(true, same);
      durations.end(RESTATE);
      log.restated(made, same, same);
      BatchReport report =
          BatchReport.of(nothing, ReadStats.NOTHING, made, same, durations.total());
      RunSummary summary = summary(nothing, base, runTimeMs, same, reached, made, report);
      long after = base.sessionsSnapshot();
      if (branch != null) {
        attempt.mergeSessions(summary);
        after = attempt.keepSessions(branch);
      } else if (made.changes() > 0
          || made.opened() > 0
          || base.apart()
          || !base.isMadeBy(job.rules())) {
        publish(attempt, ReadStats.NOTHING, summary, durations);
        after = store.base().sessionsSnapshot();
      }
      return new Recomputed(report.took(durations), base.sessionsSnapshot(), after);
    }
  }

  private void requireRulesOfPart(Base base, String branch) {
    base.requireSettled(job.names().table());
    if (branch == null && !base.isMadeBy(job.rules())) {
      throw Failure.usage(
          "The tables were made with other rules (%s) than those given now (%s), and all rows follow one set of"
              + " rules: show the part with --what-if, or recompute all of the table, without --user and dates.",
          base.open().rules(), job.rules().text());
    }
  }

  private BatchReport commit(
      Input<R> input,
      Base base,
      long runTimeMs,
      BatchTransaction attempt,
      ReadStats read,
      Watermark after,
      Durations durations) {
    OutcomeStats made = attempt.restate(lookUp(read, base), after);
    durations.end(RESTATE);
    log.restated(made, base.watermark(), after);
    BatchReport report = BatchReport.of(input, read, made, after, durations.total());
    publish(
        attempt,
        read,
        summary(input, base, runTimeMs, after, input.next(), made, report),
        durations);
    return report.took(durations);
  }

  /** Whether published rows may be touched. */
  public static boolean lookUp(ReadStats read, Base base) {
    return read.lateness().late() > 0 || base.open().openPublished() > 0 || base.apart();
  }

  /** The commit protocol. Every line may be the last one that a driver reaches. */
  private void publish(
      BatchTransaction attempt, ReadStats read, RunSummary summary, Durations durations) {
    attempt.mergeSessions(summary);
    durations.end(MERGE);
    reached(CrashPoint.SESSIONS_MERGED, durations);
    attempt.writeOpen(summary);
    durations.end(STAGE);
    reached(CrashPoint.OPEN_WRITTEN, durations);
    // Crash up to here: branches lie about that nobody reads; the next run's commit drops them.
    attempt.publishSessions();
    reached(CrashPoint.SESSIONS_PUBLISHED, durations);
    // Crash here: staging belongs to the snapshot before; the next run sees that and looks up every
    // user in staging, and those with a row of the last hours, so that it restates what is
    // published already instead of doubling it.
    if (read.rejectedTotal() > 0) {
      attempt.addRejected(summary);
    }
    reached(CrashPoint.REJECTED_PUBLISHED, durations);
    // Crash here: as above; and the rejected records are there once, the retry adds none again.
    attempt.publishOpen();
    durations.end(PUBLISH);
    reached(CrashPoint.OPEN_PUBLISHED, durations);
    // Crash here: the checkpoint lags behind the tables; the next run skips what they have.
  }

  private void reached(CrashPoint point, Durations durations) {
    log.reached(point, durations);
    probe.passed(point);
  }

  /**
   * The tables as they are now, where this input begins.
   *
   * @throws Failure as {@link #base}; conflict, where they have come further, or less far
   */
  private Base baseAt(Input<R> input) {
    Base base = base(input);
    Offsets reached = new Offsets(base.open().next());
    if (!reached.orElse(input.from()).equals(input.from())) {
      throw Failure.conflict(
          null,
          "Another run has moved %s from %s to %s since this one began: run again.",
          job.names().table(),
          input.from(),
          reached);
    }
    return base;
  }

  /**
   * The tables as they are now. Whatever must agree is checked here, on the base that the batch
   * builds on: since the run began, a recompute may have ended, which moves no offsets.
   *
   * @throws Failure of usage or broken, where this job must not go on with these tables
   */
  private Base base(Input<R> input) {
    Base base = store.base();
    base.requireSettled(job.names().table());
    Continuity.checkSame(base.open(), input.topic(), input.topicId(), job);
    return base;
  }

  private Limits limits() {
    Duration horizon = job.lateHorizon();
    return new Limits(job.clockSkew().toMillis(), horizon == null ? null : horizon.toMillis());
  }

  private RunSummary summary(
      Input<R> input,
      Base base,
      long runTimeMs,
      Watermark after,
      Offsets next,
      OutcomeStats made,
      BatchReport report) {
    return new RunSummary(
        Version.TEXT,
        run,
        input.command(),
        input.topic(),
        input.topicId(),
        input.from().next(),
        input.next().next(),
        next.next(),
        input.lost(),
        runTimeMs,
        limits().clockSkewMs(),
        limits().lateHorizonMs(),
        after,
        base.watermark().publishedMs(),
        job.rules().text(),
        0,
        base.openSnapshot(),
        made.openPublished(),
        made.oldestOpenEndMs() == null ? Long.MAX_VALUE : made.oldestOpenEndMs(),
        counts(report));
  }

  private static Map<String, Long> counts(BatchReport report) {
    Map<String, Long> counts = new TreeMap<>(report.counts());
    counts.put("milliseconds", report.milliseconds());
    return counts;
  }
}
