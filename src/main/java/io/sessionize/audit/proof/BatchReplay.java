package io.sessionize.audit.proof;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.lit;

import io.sessionize.Failure;
import io.sessionize.audit.proof.ProofReport.Evidence;
import io.sessionize.event.Limits;
import io.sessionize.history.Commit;
import io.sessionize.history.History;
import io.sessionize.history.PastRows;
import io.sessionize.job.Backfill;
import io.sessionize.job.Batch;
import io.sessionize.job.Input;
import io.sessionize.job.OutcomeStats;
import io.sessionize.job.ReadStats;
import io.sessionize.job.Recomputation;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.row.DecodedRows;
import io.sessionize.row.SessionRows;
import io.sessionize.session.Rules;
import io.sessionize.source.KafkaReadOptions;
import io.sessionize.source.KafkaTopic;
import io.sessionize.spark.SparkTransaction;
import io.sessionize.spark.internal.InternalRows;
import io.sessionize.summary.Base;
import io.sessionize.summary.RunSummary;
import io.sessionize.table.RowKeys;
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
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** One batch once more, by the very step that made it, up to where it would write. */
final class BatchReplay {
  private final SparkSession spark;
  private final SessionTables tables;
  private final History history;
  private final PastRows rows;
  private final UnaryOperator<Rules> given;
  private final KafkaReadOptions source;
  private final Optional<KafkaTopic> topic;

  BatchReplay(
      SparkSession spark,
      SessionTables tables,
      History history,
      PastRows rows,
      UnaryOperator<Rules> given,
      KafkaReadOptions source) {
    this.spark = spark;
    this.tables = tables;
    this.history = history;
    this.rows = rows;
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
  Replayed redo(Commit batch) {
    RunSummary run = batch.summary().orElseThrow();
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
      return new Replayed(batch, "the snapshots on which it was built were expired");
    }
    Base base = known.get();
    if (run.command().equals(Batch.RECOMPUTE_OF_A_PART)) {
      return new Replayed(batch, "it was a recompute of a part, and no snapshot says which");
    }
    if (run.command().equals(Batch.RECOMPUTE)) {
      SparkTransaction attempt =
          SparkTransaction.recompute(spark, tables, rules, base, Recomputation.EVERYTHING);
      return new Replayed(
          batch, base, Evidence.STORED_EVENTS, "it was a recompute", attempt, attempt.read());
    }
    OffsetRange range = withoutLost(batch);
    String gone = gone(run, range);
    if (gone.isEmpty()) {
      SparkTransaction attempt =
          SparkTransaction.ofRecords(
              spark, tables, rules, base, input(run, range), limits(run), run.clockMs());
      ReadStats read = attempt.read();
      long recorded = run.counts().getOrDefault("records", read.records());
      if (read.records() >= recorded) {
        return new Replayed(batch, base, Evidence.KAFKA, "", attempt, read);
      }
      attempt.close();
      gone = String.format("Kafka gives %d of its %d records", read.records(), recorded);
    }
    SparkTransaction attempt =
        SparkTransaction.ofDecoded(
            spark,
            tables,
            rules,
            base,
            storedEvents(batch, base),
            run.clockMs(),
            Input.damagedRows(run.command()));
    return new Replayed(batch, base, Evidence.STORED_EVENTS, gone, attempt, attempt.read());
  }

  private static OffsetRange withoutLost(Commit batch) {
    OffsetRange range = PastRun.range(batch);
    Map<Integer, Long> held = new HashMap<>();
    batch
        .summary()
        .orElseThrow()
        .lost()
        .forEach((partition, gap) -> held.put(partition, gap.get(1)));
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
    OffsetRange missing = topic.get().missing(range);
    return missing.isEmpty() ? "" : "Kafka no longer holds " + missing;
  }

  private Input<Dataset<Row>> input(RunSummary run, OffsetRange range) {
    Dataset<Row> records = null;
    if (!range.isEmpty()) {
      OffsetRange whole = topic.orElseThrow().withAllPartitions(range);
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
  private InternalRows storedEvents(Commit batch, Base base) {
    Column touched = rows.changedBy(batch, Set.of());
    Dataset<Row> changed =
        rows.sessions(batch.id())
            .where(touched)
            .exceptAll(rows.sessions(base.sessionsSnapshot()).where(touched))
            .select("uuid", "events");
    Optional<Commit> staging =
        history.staging().stream()
            .filter(Commit::isOfRun)
            .filter(commit -> commit.summary().orElseThrow().sessionsSnapshot() == batch.id())
            .findFirst();
    return InternalRows.of(
        DecodedRows.ofSessions(
            staging
                .map(open -> changed.union(rows.open(open.id()).select("uuid", "events")))
                .orElse(changed)));
  }

  /** What a batch had to make. */
  final class Replayed implements AutoCloseable {
    private final Commit batch;
    private final Base base;
    private final Evidence evidence;
    private final String reason;
    private final SparkTransaction attempt;
    private final ReadStats read;
    private final OutcomeStats made;

    private Replayed(Commit batch, String reason) {
      this.batch = batch;
      this.base = null;
      this.evidence = Evidence.NONE;
      this.reason = reason;
      this.attempt = null;
      this.read = null;
      this.made = null;
    }

    private Replayed(
        Commit batch,
        Base base,
        Evidence evidence,
        String reason,
        SparkTransaction attempt,
        ReadStats read) {
      this.batch = batch;
      this.base = base;
      this.evidence = evidence;
      this.reason = reason;
      this.attempt = attempt;
      this.read = read;
      this.made =
          attempt.restate(Batch.lookUp(read, base), batch.summary().orElseThrow().watermark());
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
      return made.changes();
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
                attempt.staged(), rows.open(staging.id()), "staging as of the run"));
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
      Column touched = rows.changedBy(batch, made.days());
      Dataset<Row> before = rows.sessions(base.sessionsSnapshot()).where(touched);
      Dataset<Row> due =
          RowKeys.without(before, changes())
              .union(changes().where("change <> 'DELETE'").select(SessionRows.columns()));
      return RowDifferences.between(due, rows.sessions(batch.id()).where(touched), "as published");
    }

    /** Later runs add none of these again, and take none away. */
    private Dataset<Row> inRejected() {
      Dataset<Row> due = attempt.rejected();
      Dataset<Row> there = tables.rejected(read.rejectedDays());
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
