package io.sessionize.history;

import static io.sessionize.history.ChangedRows.IS_AFTER;
import static io.sessionize.history.ChangedRows.STEP;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.to_json;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import java.util.Arrays;
import java.util.List;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * How many rows a table has in one snapshot and not in an earlier one, and the other way round. A
 * row that was moved to another file does not count; an altered row counts on both sides.
 */
public record RowCounts(long added, long removed) {

  /**
   * Compares the rows of two states of a table, one with the other. Runs a Spark job that reads the
   * files in which they differ.
   *
   * @param name its qualified name
   * @param before the earlier snapshot, or null
   * @param table the later state
   */
  public static RowCounts between(SparkSession spark, String name, Snapshot before, Table table) {
    Snapshot after = table.currentSnapshot();
    if (after == null || before != null && before.snapshotId() == after.snapshotId()) {
      return new RowCounts(0, 0);
    }
    ChangedRows.Step step =
        new ChangedRows.Step(before == null ? null : before.snapshotId(), after.snapshotId());
    try (ChangedRows changed = new ChangedRows(spark, name, table)) {
      Dataset<Row> rows = changed.of(List.of(step), Expressions.alwaysTrue());
      Column[] columns =
          Arrays.stream(rows.drop(STEP, IS_AFTER).columns()).map(rows::col).toArray(Column[]::new);
      Row counts =
          rows.groupBy(xxhash64(to_json(struct(columns))).as("row"))
              .agg(sum(when(col(IS_AFTER), 1L).otherwise(-1L)).as("more"))
              .agg(
                  sum(greatest(col("more"), lit(0L))),
                  sum(greatest(col("more").multiply(-1L), lit(0L))))
              .head();
      return new RowCounts(count(counts, 0), count(counts, 1));
    }
  }

  private static long count(Row counts, int index) {
    return counts.isNullAt(index) ? 0 : counts.getLong(index);
  }
}
