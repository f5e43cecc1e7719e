package io.sessionize.pipeline;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;

import io.sessionize.event.DecodeRecords;
import io.sessionize.event.Limits;
import io.sessionize.session.Rules;
import io.sessionize.session.Watermark;
import io.sessionize.store.Base;
import io.sessionize.store.Publication;
import io.sessionize.store.RunSummary;
import io.sessionize.store.SessionRows;
import io.sessionize.store.SessionTables;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** A batch on Spark: one decode, one shuffle by user, one pass over each user's sorted events. */
final class SparkAttempt implements Attempt {
  private final SessionTables tables;
  private final Rules rules;
  private final Base base;
  private final Dataset<Row> decoded;
  private ReadStats read = ReadStats.NOTHING;
  private Dataset<Row> outcomes;
  private OutcomeStats made;
  private Publication publication;

  SparkAttempt(
      SparkSession spark,
      SessionTables tables,
      Rules rules,
      Base base,
      Dataset<Row> records,
      Limits limits) {
    this.tables = tables;
    this.rules = rules;
    this.base = base;
    this.decoded =
        records == null
            ? DecodeRecords.none(spark)
            : Kept.keep(DecodeRecords.decode(records, limits));
  }

  @Override
  public ReadStats read() {
    read = ReadStats.of(decoded, base.watermark().publishedMs());
    return read;
  }

  @Override
  public OutcomeStats restate(boolean lookUp, Watermark after) {
    outcomes = Kept.keep(outcomes(lookUp, after));
    publication = tables.publication(base);
    made = OutcomeStats.of(outcomes);
    return made;
  }

  private Dataset<Row> outcomes(boolean lookUp, Watermark after) {
    Dataset<Row> events = decoded.where("uuid IS NOT NULL").select(DecodeRecords.eventColumns());
    Dataset<Row> open = tables.open(base);
    Dataset<Row> known = rows(open, false);
    if (lookUp) {
      Dataset<Row> concern = concern(events, open);
      Row earliest = concern.agg(min("from_ms")).head();
      if (!earliest.isNullAt(0)) {
        Dataset<Row> published = tables.published(base, concern, earliest.getLong(0), rules);
        known = known.union(rows(published, true));
      }
    }
    return events
        .groupBy("uuid")
        .as(Encoders.STRING(), Encoders.row(events.schema()))
        .cogroup(
            known.groupBy("uuid").as(Encoders.STRING(), Encoders.row(known.schema())),
            new RestateUsers(rules, after.publishedMs()),
            Encoders.row(SessionRows.OUTCOME));
  }

  /** The users whose published rows may be touched, each from the time on at which they may. */
  private Dataset<Row> concern(Dataset<Row> events, Dataset<Row> open) {
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

  @Override
  public void mergeSessions(RunSummary summary) {
    publication.mergeSessions(outcomes, made.days(), summary);
  }

  @Override
  public void writeOpen(RunSummary summary) {
    publication.writeOpen(outcomes, summary);
  }

  @Override
  public void publishSessions() {
    publication.publishSessions();
  }

  @Override
  public void addRejected(RunSummary summary) {
    publication.addRejected(
        decoded.where("rejected IS NOT NULL").select("rejected.*"), read.rejectedDays(), summary);
  }

  @Override
  public void publishOpen() {
    publication.publishOpen();
  }

  @Override
  public void close() {
    if (publication != null) {
      publication.close();
    }
    if (outcomes != null) {
      outcomes.unpersist();
    }
    decoded.unpersist();
  }
}
