package io.sessionize.pipeline;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;

import io.sessionize.Failure;
import io.sessionize.event.DecodeRecords;
import io.sessionize.event.Limits;
import io.sessionize.session.Watermark;
import io.sessionize.source.Offsets;
import io.sessionize.store.Base;
import io.sessionize.store.Publication;
import io.sessionize.store.RunSummary;
import io.sessionize.store.SessionRows;
import io.sessionize.store.SessionTables;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The batch step: re-sessionizes the users of the new events together with the open sessions and
 * those published rows that late events may touch. Why it is exact: {@code docs/design.md}.
 *
 * <p>It may be done again at any time, whatever became of the last attempt: identity is in the
 * data.
 */
final class Batch {
  private final SparkSession spark;
  private final Job job;
  private final SessionTables tables;
  private final CrashPoint.Probe probe;

  Batch(SparkSession spark, Job job, CrashPoint.Probe probe) {
    this.spark = spark;
    this.job = job;
    this.tables = new SessionTables(spark, job.names());
    this.probe = probe;
  }

  /** Runs one batch, from the records to the commit point. */
  BatchReport run(Input input) {
    long started = System.nanoTime();
    Base base = base(input);
    Dataset<Row> decoded = decode(input, base);
    try {
      ReadStats read =
          input.records() == null
              ? ReadStats.NOTHING
              : ReadStats.of(decoded, base.watermark().publishedMs());
      probe.passed(CrashPoint.DECODED);
      Watermark after =
          base.watermark()
              .afterEvents(
                  read.greatest(),
                  read.newestRecordMs(),
                  job.watermarkDelay(),
                  job.clock().getAsLong());
      return commit(input, base, decoded, read, after, started);
    } finally {
      decoded.unpersist();
    }
  }

  /**
   * Lets time go on where a run has found no event at all.
   *
   * @return nothing, where no session closes by it
   */
  Optional<BatchReport> silence(Input nothing) {
    long started = System.nanoTime();
    Base base = base(nothing);
    Watermark after = base.watermark().afterSilence(job.watermarkDelay(), job.clock().getAsLong());
    long oldestEnd = base.open().oldestOpenEndMs();
    boolean closes =
        oldestEnd != Long.MAX_VALUE && after.publishedMs() > oldestEnd + job.rules().timeoutMs();
    return closes
        ? Optional.of(
            commit(nothing, base, decode(nothing, base), ReadStats.NOTHING, after, started))
        : Optional.empty();
  }

  private Dataset<Row> decode(Input input, Base base) {
    long horizonMs = base.open().watermark().eventsMs() - job.lateHorizon().toMillis();
    Limits limits = new Limits(job.clockSkew().toMillis(), horizonMs);
    return input.records() == null
        ? DecodeRecords.none(spark)
        : Kept.keep(DecodeRecords.decode(input.records(), limits));
  }

  private BatchReport commit(
      Input input, Base base, Dataset<Row> decoded, ReadStats read, Watermark after, long started) {
    Dataset<Row> outcomes = Kept.keep(restate(base, decoded, read, after));
    try (Publication publication = tables.publication(base)) {
      OutcomeStats made = OutcomeStats.of(outcomes);
      BatchReport report = BatchReport.of(input, read, made, after, millisecondsSince(started));
      RunSummary summary = summary(input, base, after, made, report);
      publish(publication, decoded, outcomes, read, made, summary);
      return report.took(millisecondsSince(started));
    } finally {
      outcomes.unpersist();
    }
  }

  /** The commit protocol. Every line may be the last one that a driver reaches. */
  private void publish(
      Publication publication,
      Dataset<Row> decoded,
      Dataset<Row> outcomes,
      ReadStats read,
      OutcomeStats made,
      RunSummary summary) {
    publication.mergeSessions(outcomes, made.days(), summary);
    probe.passed(CrashPoint.SESSIONS_MERGED);
    publication.writeOpen(outcomes, summary);
    probe.passed(CrashPoint.OPEN_WRITTEN);
    // Crash up to here: branches lie about that nobody reads; the next run's commit drops them.
    publication.publishSessions();
    probe.passed(CrashPoint.SESSIONS_PUBLISHED);
    // Crash here: staging belongs to the snapshot before; the next run sees that and looks up every
    // user in staging, so that it restates what is published already instead of doubling it.
    if (read.rejectedTotal() > 0) {
      publication.addRejected(
          decoded.where("rejected IS NOT NULL").select("rejected.*"), read.rejectedDays(), summary);
    }
    probe.passed(CrashPoint.REJECTED_PUBLISHED);
    // Crash here: as above; and the rejected records are there once, the retry adds none again.
    publication.publishOpen();
    probe.passed(CrashPoint.OPEN_PUBLISHED);
    // Crash here: the checkpoint lags behind the tables; the next run skips what they have.
  }

  private Dataset<Row> restate(Base base, Dataset<Row> decoded, ReadStats read, Watermark after) {
    Column[] eventColumns = {
      col("uuid"),
      col("event_id"),
      col("event_time_ms"),
      col("page_name"),
      col("booking_details"),
      col("event_details")
    };
    Dataset<Row> events = decoded.where("uuid IS NOT NULL").select(eventColumns);
    Dataset<Row> open = tables.open(base);
    Dataset<Row> known = rows(open, false);
    if (read.lateness().late() > 0 || base.open().openPublished() > 0 || base.apart()) {
      Dataset<Row> concern = concern(base, events, open);
      Row earliest = concern.agg(min("from_ms")).head();
      if (!earliest.isNullAt(0)) {
        Dataset<Row> published = tables.published(base, concern, earliest.getLong(0), job.rules());
        known = known.union(rows(published, true));
      }
    }
    return events
        .groupBy("uuid")
        .as(Encoders.STRING(), Encoders.row(events.schema()))
        .cogroup(
            known.groupBy("uuid").as(Encoders.STRING(), Encoders.row(known.schema())),
            new RestateUsers(job.rules(), after.publishedMs()),
            Encoders.row(SessionRows.OUTCOME));
  }

  /** The users whose published rows may be touched, each from the time on at which they may. */
  private static Dataset<Row> concern(Base base, Dataset<Row> events, Dataset<Row> open) {
    Dataset<Row> late =
        events
            .where(col("event_time_ms").lt(base.watermark().publishedMs()))
            .select(col("uuid"), col("event_time_ms").as("from_ms"));
    Dataset<Row> reopened =
        open.where(base.apart() ? lit(true) : col("published"))
            .select(col("uuid"), col("session_start_time_ms").as("from_ms"));
    return late.union(reopened).groupBy("uuid").agg(min("from_ms").as("from_ms"));
  }

  private static Dataset<Row> rows(Dataset<Row> sessions, boolean published) {
    return sessions
        .select(SessionRows.columns())
        .withColumn(RestateUsers.IS_PUBLISHED_ROW, lit(published));
  }

  private static long millisecondsSince(long nanoTime) {
    return (System.nanoTime() - nanoTime) / 1_000_000;
  }

  /**
   * The tables as they stand.
   *
   * @throws Failure conflict, where they have come further, or less far, than this input begins
   */
  private Base base(Input input) {
    Base base = tables.base();
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

  private RunSummary summary(
      Input input, Base base, Watermark after, OutcomeStats made, BatchReport report) {
    return new RunSummary(
        Version.TEXT,
        input.command(),
        input.topic(),
        input.topicId(),
        input.from().next(),
        input.next().next(),
        input.lost(),
        after,
        base.watermark().publishedMs(),
        job.rules().text(),
        0,
        made.openPublished(),
        made.oldestOpenEndMs(),
        report.counts());
  }
}
