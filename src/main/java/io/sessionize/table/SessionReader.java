package io.sessionize.table;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.size;

import io.sessionize.row.SessionRows;
import io.sessionize.session.LookUp;
import io.sessionize.summary.Base;
import io.sessionize.summary.TableNames;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Collection;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * Reads the sessions table and the staging table as they are at one base, whoever commits since.
 */
public final class SessionReader {
  private final SparkSession spark;
  private final TableNames names;
  private final Base base;

  SessionReader(SparkSession spark, TableNames names, Base base) {
    this.spark = spark;
    this.names = names;
    this.base = base;
  }

  /**
   * The open sessions, with the columns of {@link SessionRows#SESSION}, and {@code published}: true
   * also where staging was written before it had that column.
   */
  public Dataset<Row> open() {
    return openAsStored().withColumn("published", coalesce(col("published"), lit(true)));
  }

  /** The same as it stands there: {@code published} is null where it was not known. */
  public Dataset<Row> openAsStored() {
    return at(names.open(), base.openSnapshot(), SessionRows.OPEN);
  }

  /**
   * The published rows that a batch may touch: of each user concerned, those that {@link LookUp}
   * finds.
   *
   * @param concern columns {@code uuid} and {@code from_ms}
   * @param earliestMs the least {@code from_ms}; a literal, so that whole days are pruned
   */
  public Dataset<Row> published(Dataset<Row> concern, long earliestMs, LookUp lookUp) {
    return startingFrom(lookUp, earliestMs, all())
        .join(concern, "uuid")
        .where(col("session_end_time_ms").geq(col("from_ms").minus(lookUp.timeoutMs())))
        .select(SessionRows.columns());
  }

  /**
   * The users with a published row that has to be looked up where the tables are apart: columns
   * {@code uuid} and {@code from_ms}. Rows of the last hours: see {@link LookUp#leastEndApartMs}.
   */
  public Dataset<Row> touchable(LookUp lookUp) {
    long leastEndMs = lookUp.leastEndApartMs(base.watermark().publishedMs());
    return startingFrom(lookUp, leastEndMs, all())
        .where(col("session_end_time_ms").geq(leastEndMs))
        .select(col("uuid"), col("session_start_time_ms").as("from_ms"));
  }

  private static Dataset<Row> startingFrom(LookUp lookUp, long fromMs, Dataset<Row> rows) {
    return fromMs <= LookUp.FROM_THE_BEGINNING
        ? rows
        : rows.where(col("session_start").geq(lit(new Timestamp(lookUp.leastStartMs(fromMs)))));
  }

  /** The published rows that begin on these UTC days, both included; null for no limit. */
  public Dataset<Row> sessions(LocalDate from, LocalDate to) {
    Dataset<Row> rows = all();
    if (from != null) {
      rows = rows.where(col("session_start").geq(lit(startOf(from))));
    }
    return to == null ? rows : rows.where(col("session_start").lt(lit(startOf(to.plusDays(1)))));
  }

  private static Instant startOf(LocalDate day) {
    return day.atStartOfDay(ZoneOffset.UTC).toInstant();
  }

  /** Where the published rows of these UTC days lie: {@code session_id, uuid, events, file}. */
  public Dataset<Row> places(Collection<LocalDate> days) {
    return spark
        .read()
        .option("snapshot-id", base.sessionsSnapshot())
        .table(names.sessions())
        .where(Days.condition("session_start", days))
        .select(
            col("session_id"),
            col("uuid"),
            // Of a damaged row it may be null, or -1.
            greatest(lit(0), size(col("events"))).cast("bigint").as("events"),
            col("_file").as("file"));
  }

  /** How many open sessions end after this time: events whose producer's clock was wrong. */
  public long openAhead(Instant time) {
    return openAsStored().where(col("session_end_time_ms").gt(time.toEpochMilli())).count();
  }

  /** All published rows. */
  public Dataset<Row> all() {
    return at(names.sessions(), base.sessionsSnapshot(), SessionRows.SESSION);
  }

  /** A snapshot is read by the schema of its time: it may lack columns that the table has now. */
  private Dataset<Row> at(String table, long snapshot, StructType columns) {
    return SessionRows.fit(spark.read().option("snapshot-id", snapshot).table(table), columns);
  }
}
