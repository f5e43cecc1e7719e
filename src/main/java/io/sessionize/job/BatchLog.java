package io.sessionize.job;

import io.sessionize.session.Watermark;
import io.sessionize.summary.Base;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the story of a run's batches in the log, for who is on call and has nothing else: what a
 * batch builds on, what each step found and took, and how far it has come. Every line names the
 * run. No line holds anything of a user.
 */
final class BatchLog {
  private static final Logger LOG = LoggerFactory.getLogger(BatchLog.class);

  private final String run;

  /**
   * @param run its id, as in the snapshots' summaries
   */
  BatchLog(String run) {
    this.run = run;
  }

  /** What a batch reads, and which state of the tables it builds on. */
  void begins(Input<?> input, Base base, String table, long runTimeMs) {
    LOG.info(
        "Run {}: {} of topic {} from {} to {} on {} at snapshot {} and staging at {}{}; watermark {}, clock {}",
        run,
        input.command(),
        input.topic(),
        input.from(),
        input.next(),
        table,
        base.sessionsSnapshot(),
        base.openSnapshot(),
        base.apart() ? ", which do not belong together" : "",
        time(base.watermark().publishedMs()),
        time(runTimeMs));
    if (!input.lost().isEmpty()) {
      LOG.warn("Run {}: Kafka has deleted {} before it was read", run, input.lost());
    }
  }

  /** What the records were. */
  void read(ReadStats read) {
    LOG.info(
        "Run {}: read {} records: {} events, {} of them late; rejected {}",
        run,
        read.records(),
        read.events(),
        read.lateness().late(),
        read.rejected());
  }

  /** What the sessions are now. */
  void restated(OutcomeStats made, Watermark before, Watermark after) {
    LOG.info(
        "Run {}: {} new events; sessions: {} added, {} changed, {} removed, {} open; watermark {} to {}",
        run,
        made.newEvents(),
        made.added(),
        made.changed(),
        made.removed(),
        made.open(),
        time(before.publishedMs()),
        time(after.publishedMs()));
  }

  /** How far the batch has come: the next line that is missing is where it has ended. */
  void reached(CrashPoint point, Durations durations) {
    LOG.info("Run {}: {} after {} ms", run, point, durations.total());
  }

  private static Object time(long ms) {
    return ms <= Watermark.NONE ? "none" : Instant.ofEpochMilli(ms);
  }
}
