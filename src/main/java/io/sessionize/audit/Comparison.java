package io.sessionize.audit;

import io.sessionize.summary.TableNames;
import io.sessionize.table.Sql;
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
