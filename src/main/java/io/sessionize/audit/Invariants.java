package io.sessionize.audit;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.sessionize.row.SessionRows;
import io.sessionize.session.Rules;
import io.sessionize.summary.TableNames;
import io.sessionize.table.Sql;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The invariants of the tables, on given rows: statements in {@code sql/check}, and that of the
 * session columns.
 */
final class Invariants {
  private static final String ROWS = "sessionize_check_rows";
  private static final String OPEN = "sessionize_check_open";
  private static final String LIVE = "sessionize_check_live";
  private static final String PUBLISHED = "sessionize_check_published";
  private static final String IS_CHANGED = "is_changed";

  private final SparkSession spark;
  private final TableNames names;
  private final Rules rules;
  private final ColumnInvariant columns;

  Invariants(SparkSession spark, TableNames names, Rules rules, ColumnInvariant columns) {
    this.spark = spark;
    this.names = names;
    this.rules = rules;
    this.columns = columns;
  }

  /**
   * How far from a row its neighbours are judged, in milliseconds. Rows within a timeout of it, and
   * the session that such a row follows, are nearer.
   */
  long reachMs() {
    return 2 * (rules.timeoutMs() + rules.maxMs());
  }

  /** The longest session that the rules allow, in milliseconds. */
  long longestMs() {
    return rules.maxMs();
  }

  /**
   * The columns by which neighbours are judged.
   *
   * @param isChanged whether a pair with this row is judged
   */
  static Column[] neighbour(boolean isChanged) {
    return new Column[] {
      col("uuid"),
      col("session_id"),
      col("session_start_time_ms"),
      col("session_end_time_ms"),
      col("close_reason"),
      lit(isChanged).as(IS_CHANGED)
    };
  }

  /**
   * The rows that break an invariant, one for each row and invariant: columns {@code table_name,
   * session_id, uuid, invariant, detail}.
   *
   * @param sessions rows of the sessions table, each checked by itself, with the session columns
   * @param open all rows of staging, likewise
   * @param published rows of the sessions table: all those that are in staging too
   * @param live rows of the live view with the columns of {@link #neighbour}
   */
  Dataset<Row> violations(
      Dataset<Row> sessions, Dataset<Row> open, Dataset<Row> published, Dataset<Row> live) {
    // One plan for both tables: it is the largest, and small hours pay for its code.
    named(sessions, names.sessions())
        .union(named(open, names.open()))
        .createOrReplaceTempView(ROWS);
    open.createOrReplaceTempView(OPEN);
    published.createOrReplaceTempView(PUBLISHED);
    live.createOrReplaceTempView(LIVE);
    Dataset<Row> violations =
        query("check/rows", ROWS)
            .unionByName(of(names.live(), query("check/neighbours", LIVE)))
            .unionByName(of(names.open(), query("check/staging", OPEN)));
    return columns.isNeeded()
        ? violations.unionByName(columns.violations(sessions, open))
        : violations;
  }

  private static Dataset<Row> named(Dataset<Row> rows, String table) {
    return of(table, rows.select(SessionRows.columns()));
  }

  private static Dataset<Row> of(String table, Dataset<Row> rows) {
    return rows.withColumn("table_name", lit(TableNames.plain(table)));
  }

  private long mostEvents() {
    return rules.maxEvents() > 0 ? rules.maxEvents() : Long.MAX_VALUE;
  }

  /** The names of the rules as literals of SQL. */
  private String boundaryRules() {
    return Stream.concat(Stream.of("none"), rules.boundaryNames().stream())
        .map(name -> "'" + name + "'")
        .collect(Collectors.joining(", "));
  }

  private Dataset<Row> query(String name, String view) {
    return spark.sql(
        Sql.named(name)
            .with("table", view)
            .with("sessions", PUBLISHED)
            .with("plain_sessions", TableNames.plain(names.sessions()))
            .with("timeout", Long.toString(rules.timeoutMs()))
            .with("maximum", Long.toString(rules.maxMs()))
            .with("reach", Long.toString(reachMs()))
            .with("max_events", Long.toString(mostEvents()))
            .with("boundary_rules", boundaryRules())
            .text());
  }
}
