package io.sessionize.cli;

import io.sessionize.history.RowCounts;
import io.sessionize.spark.internal.StatementPlan.Change;
import io.sessionize.summary.TableNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.spark.Spark3Util;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds how many rows a statement changes. Spark does not say it, but Iceberg records which Spark
 * application made a commit.
 *
 * @param before snapshot before the statement, or null
 */
record TableChange(SparkSession spark, Change what, String name, Snapshot before) {
  /** Key in the summary of a snapshot. */
  private static final String APPLICATION = "spark.app.id";

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

  /** Returns what the statement did, after it. May run a Spark job. */
  String text() {
    try {
      return text(count());
    } catch (Exception e) {
      // The statement is committed. A failure would make a scheduler repeat it.
      LOG.debug("The rows of {} are not counted", name, e);
      return "rows not counted";
    }
  }

  private RowCounts count() throws Exception {
    Table table = Spark3Util.loadIcebergTable(spark, name);
    long added = 0;
    long removed = 0;
    for (Snapshot commit : commits(table)) {
      RowCounts rows = RowCounts.of(spark, name, table, commit);
      added += rows.added();
      removed += rows.removed();
    }
    return new RowCounts(added, removed);
  }

  /** The commits of this Spark application. A run may have committed meanwhile. */
  private List<Snapshot> commits(Table table) {
    String application = spark.sparkContext().applicationId();
    List<Snapshot> commits = new ArrayList<>();
    Snapshot next = table.currentSnapshot();
    while (next != null && (before == null || next.snapshotId() != before.snapshotId())) {
      if (application.equals(next.summary().get(APPLICATION))) {
        commits.add(next);
      }
      next = next.parentId() == null ? null : table.snapshot(next.parentId());
    }
    if (next == null && before != null) {
      throw new IllegalStateException("Snapshot " + before.snapshotId() + " is no ancestor");
    }
    return commits;
  }

  private String text(RowCounts rows) {
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
