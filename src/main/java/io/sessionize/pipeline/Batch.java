package io.sessionize.pipeline;

import io.sessionize.Failure;
import io.sessionize.event.Limits;
import io.sessionize.session.Watermark;
import io.sessionize.source.Offsets;
import io.sessionize.store.Base;
import io.sessionize.store.RunSummary;
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
final class Batch<R> {
  private static final int SAMPLE = 20;
  private static final String READ = "read";
  private static final String RESTATE = "restate";
  private static final String PREVIEW = "preview";
  private static final String MERGE = "merge";
  private static final String STAGE = "stage";
  private static final String PUBLISH = "publish";
  static final String RECOMPUTE = "recompute";
  static final String RECOMPUTE_OF_A_PART = RECOMPUTE + " of a part";

  private final Store<R> store;
  private final Job job;
  private final CrashPoint.Probe probe;
  private final String run = UUID.randomUUID().toString();

  /** For one run alone: all its batches bear the same mark. */
  Batch(Store<R> store, Job job, CrashPoint.Probe probe) {
    this.store = store;
    this.job = job;
    this.probe = probe;
  }

  /** Runs one batch, from the records to the commit point. */
  BatchReport run(Input<R> input) {
    Durations durations = new Durations();
    Base base = baseAt(input.from());
    probe.passed(CrashPoint.BEGUN);
    Limits limits = limits(base.open().watermark().eventsMs() - job.lateHorizon().toMillis());
    try (Attempt attempt = store.attempt(base, input, limits)) {
      ReadStats read = attempt.read();
      durations.end(READ);
      probe.passed(CrashPoint.DECODED);
      Watermark after =
          base.watermark()
              .afterEvents(
                  read.greatest(),
                  read.newestRecordMs(),
                  job.watermarkDelay(),
                  job.clock().getAsLong());
      return commit(input, base, limits, attempt, read, after, durations);
    }
  }

  /**
   * Lets time go on where a run has found no event at all.
   *
   * @return nothing, where no session closes by it
   */
  Optional<BatchReport> silence(Input<R> nothing) {
    Durations durations = new Durations();
    Base base = baseAt(nothing.from());
    Watermark after = base.watermark().afterSilence(job.watermarkDelay(), job.clock().getAsLong());
    long oldestEnd = base.open().oldestOpenEndMs();
    if (oldestEnd == Long.MAX_VALUE || after.publishedMs() <= oldestEnd + job.rules().timeoutMs()) {
      return Optional.empty();
    }
    Limits limits = limits(Watermark.NONE);
    try (Attempt attempt = store.attempt(base, nothing, limits)) {
      return Optional.of(
          commit(nothing, base, limits, attempt, ReadStats.NOTHING, after, durations));
    }
  }

  /**
   * Puts a range of offsets right, read before or not: the same step, without a late horizon, that
   * moves neither the offsets nor the watermark.
   *
   * @param apply false to write nothing and tell what would be
   */
  Backfilled backfill(Input<R> range, boolean apply) {
    Durations durations = new Durations();
    Base base = settled();
    probe.passed(CrashPoint.BEGUN);
    Limits limits = limits(Watermark.NONE);
    try (Attempt attempt = store.attempt(base, range, limits)) {
      ReadStats read = attempt.read();
      durations.end(READ);
      probe.passed(CrashPoint.DECODED);
      Watermark same = base.watermark();
      OutcomeStats made = attempt.restate(lookUp(read, base), same);
      durations.end(RESTATE);
      Preview preview = attempt.preview(SAMPLE);
      durations.end(PREVIEW);
      BatchReport report = BatchReport.of(range, read, made, same, durations.total());
      if (apply && (made.added() > 0 || made.changed() > 0 || attempt.lacksRejected())) {
        Offsets reached = new Offsets(base.open().next());
        publish(
            attempt, read, summary(range, base, limits, same, reached, made, report), durations);
      }
      return new Backfilled(report.took(durations), preview);
    }
  }

  /**
   * Makes sessions anew from their own events under the rules given now; moves neither the offsets
   * nor the watermark. Over the whole table it records these rules, so that runs may go on with
   * them.
   *
   * @param branch where to keep the result in place of publishing it; null to publish
   */
  Recomputed recompute(Recomputation what, String branch) {
    Durations durations = new Durations();
    // Where one of the whole table was interrupted, only another of the whole table puts it right.
    Base base = what.isWhole() ? store.base() : settled();
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
    probe.passed(CrashPoint.BEGUN);
    try (Attempt attempt = store.recompute(base, what)) {
      Watermark same = base.watermark();
      OutcomeStats made = attempt.restate(true, same);
      durations.end(RESTATE);
      BatchReport report =
          BatchReport.of(nothing, ReadStats.NOTHING, made, same, durations.total());
      RunSummary summary =
          summary(nothing, base, limits(Watermark.NONE), same, reached, made, report)
              .withRules(what.isWhole() ? job.rules().text() : last.rules());
      long after = base.sessionsSnapshot();
      if (branch != null) {
        attempt.mergeSessions(summary);
        after = attempt.keepSessions(branch);
      } else if (made.changed() > 0 || !summary.rules().equals(last.rules())) {
        publish(attempt, ReadStats.NOTHING, summary, durations);
        after = store.base().sessionsSnapshot();
      }
      return new Recomputed(report.took(durations), base.sessionsSnapshot(), after);
    }
  }

  private BatchReport commit(
      Input<R> input,
      Base base,
      Limits limits,
      Attempt attempt,
      ReadStats read,
      Watermark after,
      Durations durations) {
    OutcomeStats made = attempt.restate(lookUp(read, base), after);
    durations.end(RESTATE);
    BatchReport report = BatchReport.of(input, read, made, after, durations.total());
    publish(
        attempt, read, summary(input, base, limits, after, input.next(), made, report), durations);
    return report.took(durations);
  }

  /** Whether published rows may be touched. */
  static boolean lookUp(ReadStats read, Base base) {
    return read.lateness().late() > 0 || base.open().openPublished() > 0 || base.apart();
  }

  /** The commit protocol. Every line may be the last one that a driver reaches. */
  private void publish(Attempt attempt, ReadStats read, RunSummary summary, Durations durations) {
    attempt.mergeSessions(summary);
    durations.end(MERGE);
    probe.passed(CrashPoint.SESSIONS_MERGED);
    attempt.writeOpen(summary);
    durations.end(STAGE);
    probe.passed(CrashPoint.OPEN_WRITTEN);
    // Crash up to here: branches lie about that nobody reads; the next run's commit drops them.
    attempt.publishSessions();
    probe.passed(CrashPoint.SESSIONS_PUBLISHED);
    // Crash here: staging belongs to the snapshot before; the next run sees that and looks up every
    // user in staging, so that it restates what is published already instead of doubling it.
    if (read.rejectedTotal() > 0) {
      attempt.addRejected(summary);
    }
    probe.passed(CrashPoint.REJECTED_PUBLISHED);
    // Crash here: as above; and the rejected records are there once, the retry adds none again.
    attempt.publishOpen();
    durations.end(PUBLISH);
    probe.passed(CrashPoint.OPEN_PUBLISHED);
    // Crash here: the checkpoint lags behind the tables; the next run skips what they have.
  }

  /**
   * The tables as they stand.
   *
   * @throws Failure conflict, where they have come further, or less far, than this input begins
   */
  private Base baseAt(Offsets from) {
    Base base = settled();
    Offsets reached = new Offsets(base.open().next());
    if (!reached.orElse(from).equals(from)) {
      throw Failure.conflict(
          null,
          "Another run has moved %s from %s to %s since this one began: run again.",
          job.names().table(),
          from,
          reached);
    }
    return base;
  }

  /**
   * The tables as they stand, both by the same rules.
   *
   * @throws Failure of usage, where a recomputation of the whole table ended in the middle
   */
  private Base settled() {
    Base base = store.base();
    if (!base.sessions().rules().equals(base.open().rules())) {
      throw Failure.usage(
          "A recompute of %s from %s to %s was not finished: run it again with either.",
          job.names().table(), base.open().rules(), base.sessions().rules());
    }
    return base;
  }

  private Limits limits(long horizonMs) {
    return new Limits(job.clockSkew().toMillis(), horizonMs);
  }

  private RunSummary summary(
      Input<R> input,
      Base base,
      Limits limits,
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
        limits.earliestMs(),
        limits.clockSkewMs(),
        after,
        base.watermark().publishedMs(),
        job.rules().text(),
        0,
        base.openSnapshot(),
        made.openPublished(),
        made.oldestOpenEndMs(),
        counts(report));
  }

  private static Map<String, Long> counts(BatchReport report) {
    Map<String, Long> counts = new TreeMap<>(report.counts());
    counts.put("milliseconds", report.milliseconds());
    return counts;
  }
}
