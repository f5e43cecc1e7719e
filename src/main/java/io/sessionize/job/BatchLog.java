package io.sessionize.job;

import io.sessionize.session.SetAside;
import io.sessionize.session.Watermark;
import io.sessionize.summary.Base;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs each batch of a run for operators: its base, the counts and time of each step, and each
 * crash point that it reaches. Every line has the run id. No line has data of a user.
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

  /** Logs the range that a batch reads and its base. */
  void begins(Input<?> input, Base base, SetAside setAside, String table, long runTimeMs) {
    LOG.info(
        "Run {}: {} of topic {} from {} to {} on {} at snapshot {} and staging at {}{}; watermark {}, clock {}",
        run,
        input.work(),
        String.join(", ", input.topics().keySet()),
        input.from(),
        input.next(),
        table,
        base.sessionsSnapshot(),
        base.openSnapshot(),
        base.outOfSync() ? ", which are out of sync" : "",
        time(base.watermark().publishedMs()),
        time(runTimeMs));
    int back = base.setAside().without(setAside).hashes().size();
    if (back > 0) {
      LOG.warn(
          "Run {}: {} users are no longer set aside: only a backfill of their records brings their sessions back",
          run,
          back);
    }
    if (!setAside.isEmpty()) {
      LOG.info("Run {}: {} users are set aside", run, setAside.hashes().size());
    }
    if (!input.lost().isEmpty()) {
      LOG.warn("Run {}: Kafka has deleted {} before they were read", run, input.lost());
    }
  }

  /** Logs the counts of records. */
  void read(ReadStats read) {
    LOG.info(
        "Run {}: read {} records: {} events, {} of them late; rejected {}",
        run,
        read.records(),
        read.events(),
        read.lateness().late(),
        read.rejected());
  }

  /** Logs the counts of sessions. */
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

  /** Logs a crash point. After a crash, the last such line shows where the batch ended. */
  void reached(CrashPoint point, Durations durations) {
    LOG.info("Run {}: {} after {} ms", run, point, durations.total());
  }

  private static Object time(long ms) {
    return ms <= Watermark.NONE ? "none" : Instant.ofEpochMilli(ms);
  }
}
