package io.sessionize.history;

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

/** Reads the sessions table and the staging table as of past snapshots. */
public final class PastRows {
  private final SparkSession spark;
  private final TableNames names;
  private final Table sessions;

  public PastRows(SparkSession spark, SessionTables tables) {
    this.spark = spark;
    this.names = tables.names();
    this.sessions = tables.sessionsTable();
  }

  /** The rows of the sessions table, with the columns of {@link SessionRows#SESSION}. */
  public Dataset<Row> sessions(long snapshot) {
    return at(names.sessions(), snapshot, SessionRows.SESSION);
  }

  /** The rows of staging, with the columns of {@link SessionRows#OPEN}. */
  public Dataset<Row> open(long snapshot) {
    return at(names.open(), snapshot, SessionRows.OPEN);
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
