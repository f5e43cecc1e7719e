package io.sessionize.history;

import io.sessionize.row.RowSchemas;
import io.sessionize.row.SessionRows;
import io.sessionize.summary.TableNames;
import io.sessionize.table.SessionTables;
import java.time.LocalDate;
import java.util.Collection;
import org.apache.iceberg.Table;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * Reads the sessions table and the staging table as of past snapshots: all columns of today. A
 * column that the table got later is null.
 */
public final class PastRows {
  private final SparkSession spark;
  private final TableNames names;
  private final SessionTables tables;
  private final Table sessions;
  private final RowSchemas schemas;

  public PastRows(SparkSession spark, SessionTables tables) {
    this.spark = spark;
    this.tables = tables;
    this.names = tables.names();
    this.sessions = tables.sessionsTable();
    this.schemas = tables.allSchemas();
  }

  /** The rows of the sessions table. */
  public Dataset<Row> sessions(long snapshot) {
    return at(names.sessions(), snapshot, schemas.session());
  }

  /** The rows of staging. */
  public Dataset<Row> open(long snapshot) {
    return at(names.open(), snapshot, schemas.open());
  }

  /** The rows that a commit added to the sessions table, or wrote with other values. */
  public Dataset<Row> addedBy(Commit commit) {
    return onlyIn(commit.id(), commit.parent().orElseThrow(), commit);
  }

  /** The rows that a commit removed from the sessions table, or replaced, as they were before. */
  public Dataset<Row> replacedBy(Commit commit) {
    return onlyIn(commit.parent().orElseThrow(), commit.id(), commit);
  }

  private Dataset<Row> onlyIn(long snapshot, long other, Commit commit) {
    return tables.onlyIn(
        snapshot, other, ChangedDays.of(sessions, sessions.snapshot(commit.id())).filter());
  }

  /**
   * A condition on rows of the sessions table: true for all rows that a commit changed, and for the
   * rows of these UTC days. It prunes files if the table is partitioned by day.
   */
  public Column changedBy(Commit commit, Collection<LocalDate> more) {
    return ChangedDays.of(sessions, sessions.snapshot(commit.id())).orOn(more);
  }

  private Dataset<Row> at(String table, long snapshot, StructType columns) {
    return SessionRows.fit(spark.read().option("snapshot-id", snapshot).table(table), columns);
  }
}
