package io.sessionize.audit;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import io.sessionize.column.Demand;
import io.sessionize.column.RecordedColumns;
import io.sessionize.row.SessionRows;
import io.sessionize.spark.internal.DifferingColumns;
import io.sessionize.spark.internal.SessionExpressions;
import io.sessionize.summary.Base;
import io.sessionize.summary.ColumnProgress.Through;
import io.sessionize.summary.RunSummary.Settings;
import io.sessionize.summary.TableNames;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** The invariant of session columns: each value follows from the events of its row. */
final class ColumnInvariant {
  private static final int FOLLOWS_COMPLETE = 0;
  private static final int FOLLOWS_FILLED = 1;
  private static final int IN_STAGING = 2;

  private final SparkSession spark;
  private final TableNames names;
  private final Base base;
  private final RecordedColumns columns;

  ColumnInvariant(SparkSession spark, TableNames names, Base base) {
    this.spark = spark;
    this.names = names;
    this.base = base;
    this.columns = base.columns();
  }

  /** Whether there are session columns. */
  boolean isNeeded() {
    return !columns.inUse().all().isEmpty();
  }

  /**
   * The rows with a value that does not follow: columns as those of {@link Invariants#violations}.
   * Evaluates the columns of each row.
   *
   * @param sessions rows of the sessions table, with the session columns in use
   * @param open rows of staging, likewise
   */
  Dataset<Row> violations(Dataset<Row> sessions, Dataset<Row> open) {
    SessionExpressions expressions =
        SessionExpressions.of(spark, columns, base.definitions().properties());
    Column[] ofSession = SessionRows.columns(expressions.schemas().session());
    Dataset<Row> rows =
        of(names.sessions(), sessions.select(ofSession), demandOnSessions())
            .union(of(names.open(), open.select(ofSession), lit(IN_STAGING)));
    return DifferingColumns.of(spark, expressions, rows, demands())
        .select(
            col("table_name"),
            col("session_id"),
            col("uuid"),
            lit("column_differs").as("invariant"),
            concat(
                    lit("does not follow from its events: session column "),
                    concat_ws(", ", col("columns")))
                .as("detail"));
  }

  private List<List<Demand>> demands() {
    int complete = base.progress().columns().complete();
    int filled = Math.max(complete, through().map(Through::number).orElse(0));
    // A batch makes all rows of staging again. Newer columns are in use if a run failed since.
    int ofStaging =
        base.open()
            .settings()
            .flatMap(Settings::columns)
            .flatMap(name -> columns.using(Optional.of(name)))
            .map(RecordedColumns::number)
            .orElse(complete);
    return List.of(
        Demand.since(columns, complete),
        Demand.since(columns, filled),
        Demand.since(columns, ofStaging));
  }

  private Optional<Through> through() {
    return base.progress().columns().through();
  }

  private Column demandOnSessions() {
    return through()
        .map(filled -> filled.day().plusDays(1).atStartOfDay().toInstant(ZoneOffset.UTC))
        .map(
            (Instant end) ->
                when(col("session_start").lt(lit(Timestamp.from(end))), FOLLOWS_FILLED)
                    .otherwise(FOLLOWS_COMPLETE))
        .orElse(lit(FOLLOWS_COMPLETE));
  }

  private static Dataset<Row> of(String table, Dataset<Row> rows, Column demand) {
    return rows.withColumn("table_name", lit(TableNames.plain(table))).withColumn("demand", demand);
  }
}
