package io.sessionize.job;

import io.sessionize.Version;
import io.sessionize.event.Limits;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Rules;
import io.sessionize.session.SetAside;
import io.sessionize.session.Watermark;
import io.sessionize.summary.Base;
import io.sessionize.summary.ColumnProgress;
import io.sessionize.summary.Progress;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.RunSummary.Origin;
import io.sessionize.summary.RunSummary.Settings;
import io.sessionize.summary.Work.Command;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/**
 * One batch with its base and its clock: what all kinds of batches do in the same way, above all
 * the commit protocol.
 *
 * @param <R> records as the source gives them
 */
final class Step<R> {
  private static final String READ = "read";
  private static final String RESTATE = "restate";
  private static final String PREVIEW = "preview";
  private static final String MERGE = "merge";
  private static final String STAGE = "stage";
  private static final String PUBLISH = "publish";

  final Input<R> input;
  final Base base;
  final Rules rules;
  final Limits limits;
  final long runTimeMs;
  private final Series series;
  private final long number;
  private final Durations durations = new Durations();
  private long restatedMs;

  /** The batches of one run: all have the same run id. */
  static final class Series {
    private final Job job;
    private final CrashPoint.Probe probe;
    private final String run = UUID.randomUUID().toString();
    private final BatchLog log = new BatchLog(run);
    private long number;

    Series(Job job, CrashPoint.Probe probe) {
      this.job = job;
      this.probe = probe;
    }

    /** The next batch. */
    <R> Step<R> step(Input<R> input, Base base, Rules rules) {
      return new Step<>(this, input, base, rules);
    }

    private Limits limits(Base base) {
      Duration horizon = job.lateHorizon();
      SetAside recorded = base.setAside();
      return new Limits(
          job.clockSkew().toMillis(),
          horizon == null ? null : horizon.toMillis(),
          job.setAside() == null ? recorded : recorded.of(job.setAside()));
    }
  }

  private Step(Series series, Input<R> input, Base base, Rules rules) {
    this.series = series;
    this.number = ++series.number;
    this.input = input;
    this.base = base;
    this.rules = rules;
    this.limits = series.limits(base);
    this.runTimeMs = series.job.clock().getAsLong();
  }

  void begin() {
    logBegin();
    reached(CrashPoint.BEGUN);
  }

  void logBegin() {
    series.log.begins(input, base, limits.setAside(), series.job.names().table(), runTimeMs);
  }

  ReadStats read(BatchTransaction transaction) {
    ReadStats read = transaction.read();
    durations.end(READ);
    series.log.read(read);
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
    series.log.restated(made, base.watermark(), after);
    return made;
  }

  BatchReport commit(BatchTransaction transaction, ReadStats read, Watermark after) {
    OutcomeStats made = restate(transaction, read.needsLookUp(base), after);
    BatchReport report = report(read, made, after);
    publish(transaction, read, summary(after, input.next(), made, report));
    return took(report);
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
    // sync. It looks up every user in staging and every user with a row of the last hours, so that
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

  /** The preview of the changes. */
  Preview preview(BatchTransaction transaction, int most) {
    Preview preview = transaction.preview(most);
    durations.end(PREVIEW);
    return preview;
  }

  BatchReport report(ReadStats read, OutcomeStats made, Watermark after) {
    return BatchReport.of(input, read, made, after, durations);
  }

  /** The same report with the time until now. */
  BatchReport took(BatchReport report) {
    return report.took(durations);
  }

  boolean isRetry() {
    return input.work().command() == Command.RETRY;
  }

  private void reached(CrashPoint point) {
    series.log.reached(point, durations);
    series.probe.passed(point);
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
    report
        .read()
        .decoded()
        .waitedAt(runTimeMs)
        .ifPresent(waited -> counts.put("milliseconds_waited", waited.toMillis()));
    return new RunSummary(
        new Origin(Version.TEXT, Optional.of(series.run), number, input.work()),
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
