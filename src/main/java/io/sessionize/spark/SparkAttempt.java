package io.sessionize.spark;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.sessionize.audit.proof.RowDifferences;
import io.sessionize.event.Limits;
import io.sessionize.job.Attempt;
import io.sessionize.job.Input;
import io.sessionize.job.OutcomeStats;
import io.sessionize.job.Preview;
import io.sessionize.job.Preview.ChangedSession;
import io.sessionize.job.ReadStats;
import io.sessionize.job.Recomputation;
import io.sessionize.row.SessionRows;
import io.sessionize.session.DamagedRows;
import io.sessionize.session.Outcome.Change;
import io.sessionize.session.Rules;
import io.sessionize.session.Watermark;
import io.sessionize.spark.internal.ByUser;
import io.sessionize.spark.internal.Kept;
import io.sessionize.summary.Base;
import io.sessionize.summary.RunSummary;
import io.sessionize.table.Publication;
import io.sessionize.table.SessionReader;
import io.sessionize.table.SessionTables;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.collection.JavaConverters;

/** A batch on Spark: one decode, one shuffle by user, one pass over each user's sorted events. */
public final class SparkAttempt implements Attempt {
  private static final Logger LOG = LoggerFactory.getLogger(SparkAttempt.class);
  private static final int UUID = DecodeRecords.SCHEMA.fieldIndex("uuid");

  private final SparkSession spark;
  private final SessionTables tables;
  private final Rules rules;
  private final Base base;
  private final SessionReader reader;
  private final AffectedUsers affected;
  private final ByUser records;
  private final Dataset<Row> decoded;
  private final Recomputation recomputation;
  private final DamagedRows damagedRows;
  private ReadStats read = ReadStats.NOTHING;
  private Kept outcomes;
  private OutcomeStats made;
  private Publication publication;

  public SparkAttempt(
      SparkSession spark,
      SessionTables tables,
      Rules rules,
      Base base,
      Input<Dataset<Row>> input,
      Limits limits,
      long runTimeMs) {
    this(
        spark,
        tables,
        rules,
        base,
        input.records() == null
            ? null
            : of(input.users(), DecodeRecords.decode(input.records(), limits)),
        runTimeMs,
        null,
        Input.damagedRows(input.command()));
  }

  /** On records that are decoded already. */
  public SparkAttempt(
      SparkSession spark,
      SessionTables tables,
      Rules rules,
      Base base,
      JavaRDD<InternalRow> decoded,
      long runTimeMs,
      DamagedRows damagedRows) {
    this(spark, tables, rules, base, decoded, runTimeMs, null, damagedRows);
  }

  private SparkAttempt(
      SparkSession spark,
      SessionTables tables,
      Rules rules,
      Base base,
      JavaRDD<InternalRow> decoded,
      long runTimeMs,
      Recomputation recomputation,
      DamagedRows damagedRows) {
    this.spark = spark;
    this.tables = tables;
    this.rules = rules;
    this.base = base;
    this.reader = tables.reader(base);
    this.affected = new AffectedUsers(spark, reader, base, rules);
    this.records =
        decoded == null
            ? null
            : new ByUser(spark, decoded, base.watermark().publishedMs(), runTimeMs);
    this.decoded = records == null ? DecodeRecords.none(spark) : records.rows();
    this.recomputation = recomputation;
    this.damagedRows = damagedRows;
  }

  /** Without records: what the tables hold is all there is. */
  public static SparkAttempt recompute(
      SparkSession spark, SessionTables tables, Rules rules, Base base, Recomputation what) {
    return new SparkAttempt(spark, tables, rules, base, null, 0, what, DamagedRows.REMAKE);
  }

  private static JavaRDD<InternalRow> of(Set<String> users, JavaRDD<InternalRow> decoded) {
    return users.isEmpty()
        ? decoded
        : decoded.filter(row -> !row.isNullAt(UUID) && users.contains(row.getString(UUID)));
  }

  @Override
  public ReadStats read() {
    if (records == null) {
      return ReadStats.NOTHING;
    }
    SparkContext context = spark.sparkContext();
    String before = context.getLocalProperty(RecordsRead.JOB_DESCRIPTION);
    context.setJobDescription(RecordsRead.DESCRIPTION);
    try {
      read = records.read();
      return read;
    } finally {
      context.setJobDescription(before);
    }
  }

  @Override
  public OutcomeStats restate(boolean lookUp, Watermark after) {
    try {
      outcomes =
          new Kept(
              spark,
              recomputation == null ? outcomes(lookUp, after) : recomputed(after),
              SessionRows.OUTCOME);
      made = OutcomeStats.of(outcomes);
      if (made.damaged() > 0) {
        LOG.warn(
            "{} damaged rows stay as they are: sessionize check names them; backfill or recompute replaces them",
            made.damaged());
      }
      return made;
    } catch (Exception e) {
      // Spark declares none of what it throws here; no branch holds the base yet.
      throw tables.endOf(base, e);
    }
  }

  /** What the restatement has made: rows of {@link SessionRows#OUTCOME}, kept until closed. */
  public Dataset<Row> outcomes() {
    return outcomes.rows();
  }

  /** What staging holds after the batch. Damaged rows stay there as they are. */
  public Dataset<Row> staged() {
    Dataset<Row> open = SessionRows.open(outcomes());
    return made.damagedOpen() == 0
        ? open
        : open.union(
            RowDifferences.only(reader.openAsStored(), outcomes().where("is_open AND damaged")));
  }

  /** The records that were rejected, as the rejected table holds them. */
  public Dataset<Row> rejected() {
    return decoded.where("rejected IS NOT NULL").select("rejected.*");
  }

  private JavaRDD<InternalRow> outcomes(boolean lookUp, Watermark after) {
    Dataset<Row> events = decoded.where("uuid IS NOT NULL").select(DecodeRecords.eventColumns());
    Dataset<Row> known = rows(reader.open(), false);
    if (lookUp) {
      known = known.union(rows(affected.rows(affected.byBatch(events)), true));
    }
    return restated(events, known, after);
  }

  private JavaRDD<InternalRow> recomputed(Watermark after) {
    Dataset<Row> none = decoded.select(DecodeRecords.eventColumns());
    Dataset<Row> open = reader.open();
    Dataset<Row> closed = reader.all();
    if (!recomputation.isWhole()) {
      Dataset<Row> part = affected.byPart(recomputation);
      if (!base.isMadeBy(rules)) {
        // A what-if under other rules: users outside the part keep the sessions of the recorded
        // rules.
        open = open.join(part.select("uuid").distinct(), "uuid").select(open.col("*"));
        closed = affected.rows(part);
      } else {
        closed = affected.rows(part.union(affected.byBatch(none)));
      }
    }
    return restated(none, rows(open, false).union(rows(closed, true)), after);
  }

  private JavaRDD<InternalRow> restated(Dataset<Row> events, Dataset<Row> known, Watermark after) {
    return RestateUsers.restated(rules, events, known, after.publishedMs(), damagedRows);
  }

  private static Dataset<Row> rows(Dataset<Row> sessions, boolean published) {
    return sessions
        .select(SessionRows.columns())
        .withColumn(RestateUsers.IS_PUBLISHED_ROW, lit(published));
  }

  @Override
  public Preview preview(int most) {
    Dataset<Row> changed =
        outcomes()
            .where(col("change").notEqual("NONE"))
            .select("session_id", "uuid", "change", "session_start", "session_end", "event_count");
    Dataset<Row> stored = reader.places(made.days());
    Dataset<Row> both =
        changed.join(
            stored,
            changed
                .col("session_id")
                .equalTo(stored.col("session_id"))
                .and(changed.col("uuid").equalTo(stored.col("uuid"))),
            "left");
    List<ChangedSession> sample =
        both
            .orderBy(
                coalesce(changed.col("session_start"), lit(0).cast("timestamp")),
                changed.col("session_id"))
            .limit(most)
            .select(
                changed.col("change"),
                changed.col("session_id"),
                changed.col("session_start"),
                changed.col("session_end"),
                col("events"),
                changed.col("event_count"))
            .collectAsList()
            .stream()
            .map(SparkAttempt::changedSession)
            .toList();
    long users = decoded.where("uuid IS NOT NULL").select("uuid").distinct().count();
    long files = both.where("file IS NOT NULL").select("file").distinct().count();
    return new Preview(users, made.days(), files, sample);
  }

  @Override
  public boolean lacksRejected() {
    return read.rejectedTotal() > 0
        && !rejected()
            .join(
                tables.past().rejected(read.rejectedDays()),
                JavaConverters.asScalaBuffer(List.of("topic", "partition", "offset")).toSeq(),
                "left_anti")
            .isEmpty();
  }

  private static ChangedSession changedSession(Row row) {
    boolean goes = row.getString(0).equals(Change.DELETE.name());
    return new ChangedSession(
        row.getString(0).toLowerCase(Locale.ROOT),
        row.getString(1),
        goes ? null : row.getTimestamp(2).toInstant(),
        goes ? null : row.getTimestamp(3).toInstant(),
        row.isNullAt(4) ? null : row.getLong(4),
        goes ? null : row.getLong(5));
  }

  @Override
  public void mergeSessions(RunSummary summary) {
    publication = tables.publication(base);
    if (made.isOnlyInserts()) {
      publication.addSessions(outcomes(), made.changedEvents(), made.days(), summary);
    } else {
      publication.mergeSessions(outcomes(), made.days(), summary);
    }
  }

  @Override
  public void writeOpen(RunSummary summary) {
    publication.writeOpen(staged(), made.openEvents(), summary);
  }

  @Override
  public long keepSessions(String branch) {
    return publication.keepSessions(branch);
  }

  @Override
  public void publishSessions() {
    publication.publishSessions();
  }

  @Override
  public void addRejected(RunSummary summary) {
    publication.addRejected(rejected(), read.rejectedDays(), summary);
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
      outcomes.close();
    }
  }
}
