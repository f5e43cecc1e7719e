package io.sessionize.audit;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.sessionize.row.RowSchemas;
import io.sessionize.row.SessionRows;
import io.sessionize.session.Property;
import io.sessionize.session.Rules;
import io.sessionize.spark.internal.RowEdges;
import io.sessionize.summary.TableNames;
import io.sessionize.table.Sql;
import java.util.List;
import java.util.Optional;
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
  private static final String IS_LIVE = "is_live";
  private static final String EDGES = "edges";

  private final SparkSession spark;
  private final TableNames names;
  private final Rules rules;
  private final RowSchemas schemas;
  private final ColumnInvariant columns;
  private final long watermarkMs;

  /**
   * @param rules by which the rows were made; their class is not asked
   * @param properties that events of the tables have
   * @param watermarkMs that has closed sessions, epoch milliseconds
   * @throws io.sessionize.Failure of usage, if this process cannot apply the rules
   */
  Invariants(
      SparkSession spark,
      TableNames names,
      Rules rules,
      List<Property> properties,
      ColumnInvariant columns,
      long watermarkMs) {
    this.spark = spark;
    this.names = names;
    this.rules = rules;
    this.schemas = RowSchemas.of(properties);
    this.columns = columns;
    this.watermarkMs = watermarkMs;
    rules.withoutClass().validate();
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

  /** The columns by which neighbours are judged. */
  static Column[] neighbour() {
    return new Column[] {
      col("uuid"),
      col("session_id"),
      col("session_start_time_ms"),
      col("session_end_time_ms"),
      col("close_reason"),
      col("boundary_rule")
    };
  }

  /**
   * The rows that break an invariant, one for each row and invariant: columns {@code table_name,
   * session_id, uuid, invariant, detail}. Reads each row once, and its key once more.
   *
   * @param sessions rows of the sessions table, with the session columns
   * @param open all rows of staging, likewise
   * @param published rows of the sessions table: all those that are in staging too, with the
   *     columns of {@link #neighbour}
   * @param near rows of the sessions table that are judged only as neighbours of the others, with
   *     the columns of {@link #neighbour}
   */
  Dataset<Row> violations(
      Dataset<Row> sessions,
      Dataset<Row> open,
      Dataset<Row> published,
      Optional<Dataset<Row>> near) {
    // One plan for both tables: it is the largest, and small hours pay for its code.
    withEdges(
            judged(sessions, names.sessions(), lit(true))
                .union(
                    judged(
                        open,
                        names.open(),
                        col("published").isNull().or(col("published").equalTo(false)))))
        .createOrReplaceTempView(ROWS);
    Dataset<Row> live = query("check/rows", ROWS);
    near.map(rows -> rows.withColumn(IS_LIVE, lit(true)).withColumn(IS_CHANGED, lit(false)))
        .map(rows -> live.unionByName(rows, true))
        .orElse(live)
        .createOrReplaceTempView(LIVE);
    open.createOrReplaceTempView(OPEN);
    published.createOrReplaceTempView(PUBLISHED);
    Dataset<Row> violations =
        query("check/neighbours", LIVE).unionByName(of(names.open(), query("check/staging", OPEN)));
    return columns.isNeeded()
        ? violations.unionByName(columns.violations(sessions, open))
        : violations;
  }

  private static Dataset<Row> judged(Dataset<Row> rows, String table, Column isLive) {
    return of(
        table, rows.select(SessionRows.columns(isLive.as(IS_LIVE), lit(true).as(IS_CHANGED))));
  }

  /** Only rules that look at events need more than a row's times. */
  private Dataset<Row> withEdges(Dataset<Row> rows) {
    return rules.withoutClass().boundaryNames().isEmpty()
        ? rows.withColumn(EDGES, lit(null).cast(RowEdges.EDGES))
        : RowEdges.of(spark, schemas, rules, rows);
  }

  private static Dataset<Row> of(String table, Dataset<Row> rows) {
    return rows.withColumn("table_name", lit(TableNames.plain(table)));
  }

  private long mostEvents() {
    return rules.maxEvents() > 0 ? rules.maxEvents() : Long.MAX_VALUE;
  }

  /** Texts as literals of SQL. */
  private static String literals(Stream<String> texts) {
    return texts.map(text -> "'" + text + "'").collect(Collectors.joining(", "));
  }

  private Dataset<Row> query(String name, String view) {
    return spark.sql(
        Sql.named(name)
            .with("table", view)
            .with("sessions", PUBLISHED)
            .with("plain_sessions", TableNames.plain(names.sessions()))
            .with("timeout", Long.toString(rules.timeoutMs()))
            .with("maximum", Long.toString(rules.maxMs()))
            .with("watermark", Long.toString(watermarkMs))
            .with("reach", Long.toString(reachMs()))
            .with("max_events", Long.toString(mostEvents()))
            .with(
                "boundary_rules",
                literals(Stream.concat(Stream.of("none"), rules.boundaryNames().stream())))
            .with("changes", literals(rules.changes().stream()))
            .with("has_rules", Boolean.toString(!rules.boundaryNames().isEmpty()))
            .with("has_class", Boolean.toString(rules.boundaryRule() != null))
            .with("plain_live", TableNames.plain(names.live()))
            .text());
  }
}
