package io.sessionize.audit.proof;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.lit;

import io.sessionize.audit.proof.ProofReport.Evidence;
import io.sessionize.history.Commit;
import io.sessionize.history.PastRows;
import io.sessionize.job.OutcomeStats;
import io.sessionize.job.ReadStats;
import io.sessionize.row.DecodedRows;
import io.sessionize.row.OutcomeRows;
import io.sessionize.row.SessionRows;
import io.sessionize.session.Watermark;
import io.sessionize.spark.OutcomeTransaction;
import io.sessionize.summary.Base;
import io.sessionize.summary.RunSummary;
import io.sessionize.table.RowKeys;
import io.sessionize.table.SessionTables;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Compares the replay of a batch with what the batch committed. */
final class Replayed implements AutoCloseable {
  private final SessionTables tables;
  private final PastRows rows;
  private final Commit batch;
  private final Evidence evidence;
  private final String reason;
  private final OutcomeTransaction again;
  private final ReadStats read;
  private final OutcomeStats made;

  private Replayed(Evidence missing, String reason) {
    this.tables = null;
    this.rows = null;
    this.batch = null;
    this.evidence = missing;
    this.reason = reason;
    this.again = null;
    this.read = null;
    this.made = null;
  }

  /** A batch that cannot be replayed, and why. */
  static Replayed nothing(String reason) {
    return new Replayed(Evidence.NONE, reason);
  }

  /** A batch that could be replayed until its snapshots expired. */
  static Replayed expired() {
    return new Replayed(Evidence.EXPIRED, "the snapshots on which it was built expired");
  }

  /** Runs the Spark jobs that read and restate. */
  Replayed(
      SessionTables tables,
      PastRows rows,
      Commit batch,
      Base base,
      Evidence evidence,
      String reason,
      OutcomeTransaction again) {
    this.tables = tables;
    this.rows = rows;
    this.batch = batch;
    this.evidence = evidence;
    this.reason = reason;
    this.again = again;
    this.read = again.read();
    long publishedMs = batch.summary().flatMap(RunSummary::watermarkMs).orElse(Watermark.NONE);
    this.made = again.restate(read.needsLookUp(base), Watermark.START.atLeast(publishedMs));
  }

  Evidence evidence() {
    return evidence;
  }

  /** Why it was not replayed from Kafka, or not at all. */
  String reason() {
    return reason;
  }

  /** Records read. */
  long records() {
    return read.records();
  }

  /** Events read, copies included. */
  long events() {
    return read.events();
  }

  /** How many rows of the sessions table the replay adds, changes or removes. */
  long sessions() {
    return made.changes();
  }

  /** UTC days of the rows that the replay adds, changes or removes. */
  Collection<LocalDate> days() {
    return made.days();
  }

  /** Keys of the rows that the replay adds or changes. */
  Dataset<Row> published() {
    return present().select("uuid", "session_id");
  }

  /**
   * The differences between the replay and what the batch committed.
   *
   * @param staging its commit of the staging table; null if it did not reach it
   */
  List<Dataset<Row>> differences(Commit staging) {
    List<Dataset<Row>> differences = new ArrayList<>();
    differences.addAll(inSessions());
    if (staging != null) {
      differences.add(
          RowDifferences.between(
              again.staged().select(ofOpen()),
              rows.open(staging.id()).select(ofOpen()),
              "staging as of the run"));
      if (evidence == Evidence.KAFKA && read.rejectedTotal() > 0) {
        differences.add(inRejected());
      }
    }
    return differences;
  }

  private Dataset<Row> changes() {
    return OutcomeRows.changes(again.outcomes());
  }

  private Dataset<Row> present() {
    return changes().where("change <> 'REMOVED'");
  }

  /** The columns of staging that are compared: without session columns of other batches. */
  private Column[] ofOpen() {
    return SessionRows.columns(again.schemas().open());
  }

  /** Compares the rows that the batch wrote and replaced with the outcomes, and nothing else. */
  private List<Dataset<Row>> inSessions() {
    Column[] columns = SessionRows.columns(again.schemas().session());
    Dataset<Row> replaced = rows.replacedBy(batch).select(columns);
    // A row that the batch replaced and the replay does not should still be there.
    Dataset<Row> due = RowKeys.without(replaced, changes()).union(present().select(columns));
    return List.of(
        RowDifferences.between(due, rows.addedBy(batch).select(columns), "as published"),
        RowKeys.without(changes().where("change <> 'ADDED'"), replaced)
            .select("session_id")
            .withColumn("what", lit("as published: the row before the change is still there")));
  }

  /** Compares with the current rejected table: later runs neither add nor remove these records. */
  private Dataset<Row> inRejected() {
    Dataset<Row> due = again.rejected();
    Dataset<Row> there = tables.rejected(read.rejectedOffsets());
    Column same = DecodedRows.isSameRecord(due, there);
    for (String column : List.of("key", "value")) {
      same = same.and(due.col(column).eqNullSafe(there.col(column)));
    }
    return due.join(there, same, "left_anti")
        .select(
            concat_ws(":", col("topic"), col("partition"), col("offset")).as("session_id"),
            lit("rejected record: missing or different").as("what"));
  }

  @Override
  public void close() {
    if (again != null) {
      again.close();
    }
  }
}
