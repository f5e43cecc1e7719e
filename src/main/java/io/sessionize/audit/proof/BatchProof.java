package io.sessionize.audit.proof;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.lit;

import io.sessionize.Failure;
import io.sessionize.audit.proof.ProofReport.Evidence;
import io.sessionize.event.Limits;
import io.sessionize.history.PastSnapshots;
import io.sessionize.history.PastSnapshots.Commit;
import io.sessionize.job.Backfill;
import io.sessionize.job.Batch;
import io.sessionize.job.Input;
import io.sessionize.job.OutcomeStats;
import io.sessionize.job.ReadStats;
import io.sessionize.job.Recomputation;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.row.SessionRows;
import io.sessionize.session.Rules;
import io.sessionize.source.KafkaSource;
import io.sessionize.source.KafkaTopic;
import io.sessionize.spark.DecodeRecords;
import io.sessionize.spark.SparkAttempt;
import io.sessionize.summary.Base;
import io.sessionize.summary.RunSummary;
import io.sessionize.table.SessionTables;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;

/** One batch once more, by the very step that made it, up to where it would write. */
final class BatchProof {
  private final SparkSession spark;
  private final SessionTables tables;
  private final PastSnapshots history;
  private final UnaryOperator<Rules> given;
  private final KafkaSource source;
  private final Optional<KafkaTopic> topic;

  BatchProof(
      SparkSession spark,
      SessionTables tables,
      PastSnapshots history,
      UnaryOperator<Rules> given,
      KafkaSource source) {
    this.spark = spark;
    this.tables = tables;
    this.history = history;
    this.given = given;
    this.source = source;
    this.topic = KafkaTopic.find(source.connection(), source.topic());
  }

  /**
   * Recomputes a batch from what it built on, and from the records that it read; where Kafka no
   * longer gives these, from the events that it stored.
   *
   * @param batch its commit of the sessions table
   * @throws Failure of usage, where other rules or another topic made it
   */
  Redone redo(Commit batch) {
    RunSummary run = batch.summary();
    Rules rules = given.apply(Rules.parse(run.rules()));
    run.requireRules(rules);
    rules.validate();
    if (!run.topic().equals(source.topic())) {
      throw Failure.usage(
          "Snapshot %d was made from topic %s, not %s: give that with --kafka-topic.",
          batch.id(), run.topic(), source.topic());
    }
    Optional<Base> known = history.base(batch);
    if (known.isEmpty()) {
      return new Redone(batch, "the snapshots on which it was built were expired");
    }
    Base base = known.get();
    if (run.command().equals(Batch.RECOMPUTE_OF_A_PART)) {
      return new Redone(batch, "it was a recompute of a part, and no snapshot says which");
    }
    if (run.command().equals(Batch.RECOMPUTE)) {
      SparkAttempt attempt =
          SparkAttempt.recompute(spark, tables, rules, base, Recomputation.EVERYTHING);
      return new Redone(
          batch, base, Evidence.STORED_EVENTS, "it was a recompute", attempt, attempt.read());
    }
    OffsetRange range = withoutLost(batch);
    String gone = gone(run, range);
    if (gone.isEmpty()) {
      SparkAttempt attempt =
          new SparkAttempt(
              spark, tables, rules, base, input(run, range), limits(run), run.clockMs());
      ReadStats read = attempt.read();
      long recorded = run.counts().getOrDefault("records", read.records());
      if (read.records() >= recorded) {
        return new Redone(batch, base, Evidence.KAFKA, "", attempt, read);
      }
      attempt.close();
      gone = String.format("Kafka gives %d of its %d records", read.records(), recorded);
    }
    SparkAttempt attempt =
        new SparkAttempt(
            spark,
            tables,
            rules,
            base,
            storedEvents(batch, base),
            run.clockMs(),
            Input.damagedRows(run.command()));
    return new Redone(batch, base, Evidence.STORED_EVENTS, gone, attempt, attempt.read());
  }

  private static OffsetRange withoutLost(Commit batch) {
    OffsetRange range = PastRun.range(batch);
    Map<Integer, Long> held = new HashMap<>();
    batch.summary().lost().forEach((partition, gap) -> held.put(partition, gap.get(1)));
    return new OffsetRange(range.from().atLeast(new Offsets(held)), range.to());
  }

  /** Why the records cannot be had from Kafka; empty where they can. */
  private String gone(RunSummary run, OffsetRange range) {
    if (run.command().startsWith(Backfill.OF_USERS)) {
      return "it was a " + run.command() + ", whom no snapshot names";
    }
    if (range.isEmpty()) {
      return "";
    }
    if (topic.isEmpty()) {
      return "there is no topic " + run.topic() + " any more";
    }
    if (!topic.get().id().equals(run.topicId())) {
      return "topic " + run.topic() + " was made anew since";
    }
    OffsetRange missing = range.notHeldBy(topic.get());
    return missing.isEmpty() ? "" : "Kafka no longer holds " + missing;
  }

  private Input<Dataset<Row>> input(RunSummary run, OffsetRange range) {
    Dataset<Row> records = null;
    if (!range.isEmpty()) {
      OffsetRange whole = range.over(topic.orElseThrow());
      records = source.range(spark, whole.from(), whole.to());
    }
    return new Input<>(
        records,
        run.topic(),
        run.topicId(),
        range.from(),
        range.to(),
        Map.of(),
        Set.of(),
        run.command());
  }

  private static Limits limits(RunSummary run) {
    return new Limits(run.clockSkewMs(), run.lateHorizonMs());
  }

  /** The events of all rows that the batch has changed, and of all that it has left open. */
  private JavaRDD<InternalRow> storedEvents(Commit batch, Base base) {
    Column touched = history.touched(batch, Set.of());
    Dataset<Row> changed =
        history
            .sessions(batch.id())
            .where(touched)
            .exceptAll(history.sessions(base.sessionsSnapshot()).where(touched))
            .select("uuid", "events");
    Optional<Commit> staging =
        history.open().stream()
            .filter(Commit::isOfRun)
            .filter(commit -> commit.summary().sessionsSnapshot() == batch.id())
            .findFirst();
    return DecodeRecords.ofSessions(
        staging
            .map(open -> changed.union(history.open(open.id()).select("uuid", "events")))
            .orElse(changed));
  }

  /** What a batch had to make. */
  final class Redone implements AutoCloseable {
    private final Commit batch;
    private final Base base;
    private final Evidence evidence;
    private final String reason;
    private final SparkAttempt attempt;
    private final ReadStats read;
    private final OutcomeStats made;

    private Redone(Commit batch, String reason) {
      this.batch = batch;
      this.base = null;
      this.evidence = Evidence.NONE;
      this.reason = reason;
      this.attempt = null;
      this.read = null;
      this.made = null;
    }

    private Redone(
        Commit batch,
        Base base,
        Evidence evidence,
        String reason,
        SparkAttempt attempt,
        ReadStats read) {
      this.batch = batch;
      this.base = base;
      this.evidence = evidence;
      this.reason = reason;
      this.attempt = attempt;
      this.read = read;
      this.made = attempt.restate(Batch.lookUp(read, base), batch.summary().watermark());
    }

    Evidence evidence() {
      return evidence;
    }

    /** Why not from Kafka, or not at all. */
    String reason() {
      return reason;
    }

    /** Rows of the sessions table that come, change or go. */
    long sessions() {
      return made.changed();
    }

    /** UTC days under which these rows lie or will lie. */
    Collection<LocalDate> days() {
      return made.days();
    }

    /** Keys of the rows that come or change. */
    Dataset<Row> published() {
      return changes().where("change <> 'DELETE'").select("uuid", "session_id");
    }

    /**
     * Between what it had to make and what it made.
     *
     * @param staging its commit of the staging table; null where it did not come so far
     */
    List<Dataset<Row>> differences(Commit staging) {
      List<Dataset<Row>> differences = new ArrayList<>();
      differences.add(inSessions());
      if (staging != null) {
        differences.add(
            RowDifferences.between(
                attempt.staged(), history.open(staging.id()), "staging as of the run"));
        if (evidence == Evidence.KAFKA && read.rejectedTotal() > 0) {
          differences.add(inRejected());
        }
      }
      return differences;
    }

    private Dataset<Row> changes() {
      return attempt.outcomes().where("change <> 'NONE'");
    }

    /** The outcomes applied to what was there before: nothing else may have changed. */
    private Dataset<Row> inSessions() {
      Column touched = history.touched(batch, made.days());
      Dataset<Row> before = history.sessions(base.sessionsSnapshot()).where(touched);
      Dataset<Row> due =
          RowDifferences.without(before, changes())
              .union(changes().where("change <> 'DELETE'").select(SessionRows.columns()));
      return RowDifferences.between(
          due, history.sessions(batch.id()).where(touched), "as published");
    }

    /** Later runs add none of these again, and take none away. */
    private Dataset<Row> inRejected() {
      Dataset<Row> due = attempt.rejected();
      Dataset<Row> there = history.rejected(read.rejectedDays());
      Column same = lit(true);
      for (String column : List.of("topic", "partition", "offset", "key", "value")) {
        same = same.and(due.col(column).eqNullSafe(there.col(column)));
      }
      return due.join(there, same, "left_anti")
          .select(
              concat_ws(":", col("partition"), col("offset")).as("session_id"),
              lit("rejected record: not there as it came").as("what"));
    }

    @Override
    public void close() {
      if (attempt != null) {
        attempt.close();
      }
    }
  }
}
