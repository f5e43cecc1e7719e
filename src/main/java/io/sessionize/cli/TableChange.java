package io.sessionize.cli;

import io.sessionize.history.RowCounts;
import io.sessionize.spark.internal.StatementPlan.Change;
import io.sessionize.summary.TableNames;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.spark.Spark3Util;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds how many rows a statement changes. Spark does not say it, so the table is compared with
 * itself.
 *
 * @param before snapshot before the statement, or null
 */
record TableChange(SparkSession spark, Change what, String name, Snapshot before) {
  private static final Logger LOG = LoggerFactory.getLogger(TableChange.class);

  /**
   * Returns the change that a statement is about to make; empty if its table is no Iceberg table,
   * which is no error here.
   */
  static Optional<TableChange> before(SparkSession spark, Change what) {
    String name = what.table().stream().map(TableNames::quote).collect(Collectors.joining("."));
    return load(spark, name)
        .map(table -> new TableChange(spark, what, name, table.currentSnapshot()));
  }

  private static Optional<Table> load(SparkSession spark, String name) {
    try {
      return Optional.of(Spark3Util.loadIcebergTable(spark, name));
    } catch (Exception e) {
      LOG.debug("The rows of {} are not counted", name, e);
      return Optional.empty();
    }
  }

  /** Returns what the statement did, after it. Runs a Spark job. */
  String text() {
    RowCounts rows =
        load(spark, name)
            .map(after -> RowCounts.between(spark, name, before, after))
            .orElse(new RowCounts(0, 0));
    return switch (what.verb()) {
      case INSERT ->
          rows.removed() == 0
              ? rows.added() + " rows inserted"
              : String.format("%d rows inserted, %d removed", rows.added(), rows.removed());
      case UPDATE -> rows.added() + " rows changed";
      case DELETE -> rows.removed() + " rows deleted";
      case MERGE ->
          String.format(
              "%d rows added or changed, %d changed or removed", rows.added(), rows.removed());
    };
  }
}
