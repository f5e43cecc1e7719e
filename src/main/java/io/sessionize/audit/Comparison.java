package io.sessionize.audit;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.when;

import io.sessionize.column.SessionColumn;
import io.sessionize.summary.TableNames;
import io.sessionize.table.SessionTables;
import io.sessionize.table.Sql;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Compares two snapshots of the sessions table, such as the present one and the result of a
 * what-if.
 *
 * @param names of the tables
 * @param before id of the older snapshot
 * @param after id of the newer one
 */
public record Comparison(SparkSession spark, TableNames names, long before, long after) {
  /** The session column that counts conversions: the set web has it. */
  private static final String CONVERSIONS = "key_events";

  /**
   * The days that differ: columns {@code day}, and the values before and after of {@code sessions},
   * {@code users}, {@code average_seconds}, {@code bounce_rate} (share of sessions of one event)
   * and {@code conversion_rate} (share of sessions with a key event; null without the session
   * column {@value #CONVERSIONS}).
   */
  public Dataset<Row> days() {
    return spark.sql(converting("recompute/difference").text());
  }

  /**
   * Both snapshots as a whole: column {@code side} ({@code before} or {@code after}), and those of
   * {@link #days} for this side.
   */
  public Dataset<Row> totals() {
    return spark.sql(converting("recompute/totals").text());
  }

  /**
   * Counts the rows that both snapshots have, by session id, with another value, for each session
   * column in use. Runs a Spark job, unless there are none.
   *
   * @return by session column, in the order of the table
   */
  public Map<String, Long> changedColumns() {
    List<String> columns =
        new SessionTables(spark, names)
            .base().columns().used().stream().map(SessionColumn::name).toList();
    Map<String, Long> changed = new LinkedHashMap<>();
    if (!columns.isEmpty()) {
      Row counts =
          values(before, columns, "b")
              .join(values(after, columns, "a"), "session_id")
              .agg(count(lit(1)), counts(columns.size()))
              .head();
      for (int i = 0; i < columns.size(); i++) {
        changed.put(columns.get(i), counts.getLong(i + 1));
      }
    }
    return changed;
  }

  /** The session columns of a snapshot under numbered names. A snapshot may be older than one. */
  private Dataset<Row> values(long snapshot, List<String> columns, String prefix) {
    Dataset<Row> rows = at(snapshot);
    List<Column> values = new ArrayList<>();
    values.add(col("session_id"));
    for (int i = 0; i < columns.size(); i++) {
      String name = columns.get(i);
      boolean hasColumn = rows.schema().getFieldIndex(name).isDefined();
      values.add((hasColumn ? col(TableNames.quote(name)) : lit(null)).as(prefix + i));
    }
    return rows.select(values.toArray(Column[]::new));
  }

  private static Column[] counts(int columns) {
    return IntStream.range(0, columns)
        .mapToObj(i -> count(when(not(col("b" + i).eqNullSafe(col("a" + i))), true)))
        .toArray(Column[]::new);
  }

  /**
   * The twenty users who differ most: {@code uuid}, the number of sessions that only one snapshot
   * has ({@code only_before, only_after}), and what ends these sessions, with numbers ({@code
   * ended_by_before, ended_by_after}).
   */
  public Dataset<Row> users() {
    return spark.sql(filled("recompute/users").text());
  }

  private Sql converting(String name) {
    return filled(name)
        .with("converts_before", converts(before))
        .with("converts_after", converts(after));
  }

  private Sql filled(String name) {
    return Sql.named(name)
        .with(names)
        .with("before", Long.toString(before))
        .with("after", Long.toString(after));
  }

  /** A snapshot may be older than the column. */
  private String converts(long snapshot) {
    boolean hasColumn = at(snapshot).schema().getFieldIndex(CONVERSIONS).isDefined();
    return hasColumn ? CONVERSIONS + " > 0" : "CAST(NULL AS BOOLEAN)";
  }

  private Dataset<Row> at(long snapshot) {
    return spark.read().option("snapshot-id", snapshot).table(names.sessions());
  }
}
