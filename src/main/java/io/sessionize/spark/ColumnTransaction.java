package io.sessionize.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.sessionize.job.OutcomeStats;
import io.sessionize.job.Preview;
import io.sessionize.job.ReadStats;
import io.sessionize.row.DecodedRows;
import io.sessionize.row.KnownRows;
import io.sessionize.row.SessionRows;
import io.sessionize.session.Watermark;
import io.sessionize.spark.internal.InternalRows;
import io.sessionize.spark.internal.RefilledRows;
import io.sessionize.spark.internal.SessionExpressions;
import io.sessionize.spark.internal.StoredRows;
import io.sessionize.summary.Base;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.Work;
import io.sessionize.table.SessionTables;
import java.time.LocalDate;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.apache.iceberg.FileScanTask;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;

/**
 * Fills the session columns of the sessions that start on some days, and of the open ones. No
 * session changes: each row is evaluated by itself, without a shuffle.
 */
public final class ColumnTransaction extends OutcomeTransaction {
  private final SessionExpressions columns;
  private final Work work;
  private StoredRows sessions;
  private SessionExpressions counting;

  private ColumnTransaction(
      SparkSession spark, SessionTables tables, SessionExpressions columns, Base base, Work work) {
    super(spark, tables, columns.schemas(), base);
    this.columns = columns;
    this.work = work;
    buildOn(base);
  }

  /** Counts the rows that would get another value, as {@link io.sessionize.job.Store} says. */
  static SortedMap<String, Long> changed(
      SparkSession spark, SessionTables tables, Base base, LocalDate from, LocalDate to) {
    SessionExpressions columns =
        SessionExpressions.of(spark, base.columns(), base.definitions().properties());
    try {
      return RefilledRows.changed(columns, tables.storedSessions(base).startingOn(from, to));
    } catch (Exception e) {
      // Spark throws undeclared exceptions here.
      throw tables.conflictIfExpired(base, e);
    }
  }

  /**
   * The session columns of a base.
   *
   * @param work its days; without days, only the open sessions are filled
   */
  public static ColumnTransaction of(
      SparkSession spark, SessionTables tables, Base base, Work work) {
    return new ColumnTransaction(
        spark,
        tables,
        SessionExpressions.of(spark, base.columns(), base.definitions().properties()),
        base,
        work);
  }

  @Override
  void buildOn(Base current) {
    sessions = tables.storedSessions(current);
  }

  @Override
  InternalRows compute(boolean lookUp, Watermark after) {
    counting = columns.counted(spark);
    InternalRows open = RefilledRows.staged(counting, staging());
    if (work.from().isEmpty()) {
      return open;
    }
    LocalDate from = work.from().get();
    LocalDate to = work.to().orElseThrow();
    return RefilledRows.published(counting, sessions.startingOn(from, to)).and(open);
  }

  @Override
  OutcomeStats completed(OutcomeStats made) {
    counting.warnOfFailed();
    return made;
  }

  /** The rows of staging as {@link RefilledRows#staged} reads them. */
  private InternalRows staging() {
    Stream<Column> ofSession = Stream.of(SessionRows.columns());
    Stream<Column> place =
        Stream.of(
            lit(null).cast(DataTypes.LongType).as(schemas.known().apply(KnownRows.POSITION).name()),
            lit(null).cast(DataTypes.IntegerType).as(schemas.known().apply(KnownRows.FILE).name()));
    Stream<Column> own = Stream.of(schemas.columns().fieldNames()).map(functions::col);
    return InternalRows.of(
        tables
            .reader(base())
            .openAsStored()
            .select(
                Stream.of(ofSession, place, own, Stream.of(col("published")))
                    .flatMap(some -> some)
                    .toArray(Column[]::new)));
  }

  @Override
  List<FileScanTask> files() {
    return sessions.files();
  }

  @Override
  public ReadStats read() {
    return ReadStats.NOTHING;
  }

  @Override
  public Preview preview(int most) {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean lacksRejected() {
    return false;
  }

  @Override
  public String mostFrequentRejection() {
    return "none";
  }

  @Override
  public Dataset<Row> rejected() {
    return DecodedRows.none(spark, schemas).where("rejected IS NOT NULL").select("rejected.*");
  }

  @Override
  public void addRejected(RunSummary summary) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void markTakenIn(RunSummary summary) {
    throw new UnsupportedOperationException();
  }
}
