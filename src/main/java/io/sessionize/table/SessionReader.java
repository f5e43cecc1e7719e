package io.sessionize.table;

import static java.util.stream.Collectors.toSet;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.to_json;

import io.sessionize.row.RowSchemas;
import io.sessionize.row.SessionRows;
import io.sessionize.summary.Base;
import io.sessionize.summary.TableNames;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Collection;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * Reads the sessions table and the staging table at the snapshots of one base. Later commits do not
 * change the result. Data sets are lazy.
 */
public final class SessionReader {
  private final SparkSession spark;
  private final TableNames names;
  private final Base base;
  private final RowSchemas schemas;

  SessionReader(SparkSession spark, TableNames names, Base base, RowSchemas schemas) {
    this.schemas = schemas;
    this.spark = spark;
    this.names = names;
    this.base = base;
  }

  /**
   * Returns the rows of staging as stored: {@code published} is null if an older version wrote
   * them.
   */
  public Dataset<Row> openAsStored() {
    return at(names.open(), base.openSnapshot(), schemas.open());
  }

  /**
   * Returns the data file of each published row of these UTC days: {@code session_id, uuid, events,
   * file}.
   */
  public Dataset<Row> locations(Collection<LocalDate> days) {
    return spark
        .read()
        .option("snapshot-id", base.sessionsSnapshot())
        .table(names.sessions())
        .where(Days.condition("session_start", days))
        .select(
            col("session_id"),
            col("uuid"),
            // The size is null or -1 for a damaged row.
            greatest(lit(0), size(col("events"))).cast("bigint").as("events"),
            col("_file").as("file"));
  }

  /**
   * Counts the open sessions that end after this time: their events have wrong producer clocks.
   * Runs a Spark job.
   */
  public long openEndingAfter(Instant time) {
    return openAsStored().where(col("session_end_time_ms").gt(time.toEpochMilli())).count();
  }

  /**
   * Counts the sessions with an event whose id has the form of Kafka coordinates: its record had no
   * event id. Reads the events of all rows. Runs Spark jobs.
   */
  public long withoutEventIds() {
    String condition =
        "exists(events, event -> event.event_id RLIKE '^[A-Za-z0-9._-]+/[0-9]+/[0-9]+$')";
    return all().where(condition).count()
        + openAsStored().where("NOT coalesce(published, false)").where(condition).count();
  }

  /**
   * Returns the rows of one user in both tables: the columns of {@link SessionRows}, {@code
   * is_open} (the row is in staging), {@code published} (it is in the sessions table) and {@code
   * columns} (the session columns with a value as a JSON object; null if none is in use). An open
   * session that is published has two rows.
   */
  public Dataset<Row> ofUser(String uuid) {
    Column isOfUser = col("uuid").equalTo(lit(uuid));
    Dataset<Row> sessions = all().where(isOfUser);
    Dataset<Row> open = openAsStored().where(isOfUser);
    return sessions
        .select(SessionRows.columns(lit(false).as("is_open"), lit(true).as("published"), json()))
        .union(
            open.select(
                SessionRows.columns(
                    lit(true).as("is_open"),
                    coalesce(col("published"), lit(false)).as("published"),
                    json())));
  }

  private Column json() {
    Column[] columns = SessionRows.columns(schemas.columns());
    return (columns.length == 0 ? lit(null).cast("string") : to_json(struct(columns)))
        .as("columns");
  }

  /**
   * Returns the UTC days on which published sessions start. Reads one column of all rows. Runs a
   * Spark job.
   */
  public Set<LocalDate> startDays() {
    return all()
        .where("session_start IS NOT NULL")
        .select(expr("CAST(floor(unix_millis(session_start) / 86400000) AS BIGINT)"))
        .distinct()
        .collectAsList()
        .stream()
        .map(row -> LocalDate.ofEpochDay(row.getLong(0)))
        .collect(toSet());
  }

  /** Returns all published rows. */
  public Dataset<Row> all() {
    return at(names.sessions(), base.sessionsSnapshot(), schemas.session());
  }

  /**
   * Reads a table at a snapshot. Its schema is the one of that time, which may lack columns of
   * today.
   */
  private Dataset<Row> at(String table, long snapshot, StructType columns) {
    return SessionRows.fit(spark.read().option("snapshot-id", snapshot).table(table), columns);
  }
}
