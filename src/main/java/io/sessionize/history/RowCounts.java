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
import java.util.Map;
import org.apache.iceberg.DataOperations;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * How many rows a commit added to a table, and how many it removed. A row that was moved to another
 * file does not count; an altered row counts on both sides.
 */
public record RowCounts(long added, long removed) {

  /**
   * Counts what one commit did. Its summary says it if the commit only added files, or only removed
   * files without delete files. Else a Spark job reads the files in which the commit and its parent
   * differ.
   *
   * @param name the table's qualified name
   */
  public static RowCounts of(SparkSession spark, String name, Table table, Snapshot commit) {
    Map<String, String> summary = commit.summary();
    if (DataOperations.APPEND.equals(commit.operation())) {
      return new RowCounts(number(summary, SnapshotSummary.ADDED_RECORDS_PROP), 0);
    }
    boolean hasDeletes =
        number(summary, SnapshotSummary.ADDED_DELETE_FILES_PROP) > 0
            || number(summary, SnapshotSummary.REMOVED_DELETE_FILES_PROP) > 0
            || number(summary, SnapshotSummary.TOTAL_DELETE_FILES_PROP) > 0;
    if (DataOperations.DELETE.equals(commit.operation()) && !hasDeletes) {
      return new RowCounts(0, number(summary, SnapshotSummary.DELETED_RECORDS_PROP));
    }
    return read(spark, name, table, commit);
  }

  private static long number(Map<String, String> summary, String name) {
    return Long.parseLong(summary.getOrDefault(name, "0"));
  }

  private static RowCounts read(SparkSession spark, String name, Table table, Snapshot commit) {
    ChangedRows.Step step = new ChangedRows.Step(commit.parentId(), commit.snapshotId());
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
