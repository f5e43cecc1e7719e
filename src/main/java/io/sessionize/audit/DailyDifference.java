package io.sessionize.audit;

import io.sessionize.summary.TableNames;
import io.sessionize.table.Sql;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Compares two snapshots of the sessions table day by day. */
public final class DailyDifference {
  private DailyDifference() {}

  /**
   * The days that differ: columns {@code day}, and the values before and after of {@code sessions},
   * {@code average_seconds} and {@code bounce_rate} (share of sessions of one event).
   */
  public static Dataset<Row> between(
      SparkSession spark, TableNames names, long before, long after) {
    return spark.sql(
        Sql.named("recompute/difference")
            .with(names)
            .with("before", Long.toString(before))
            .with("after", Long.toString(after))
            .text());
  }
}
