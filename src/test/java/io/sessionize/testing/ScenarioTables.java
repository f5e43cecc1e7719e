package io.sessionize.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.sessionize.audit.Comparison;
import io.sessionize.job.Recomputed;
import io.sessionize.maintenance.Maintenance;
import io.sessionize.maintenance.MaintenanceStep;
import io.sessionize.summary.TableNames;
import io.sessionize.table.SessionTables;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.DataOperations;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.relocated.com.google.common.collect.Iterables;
import org.apache.iceberg.spark.Spark3Util;
import org.apache.iceberg.spark.actions.SparkActions;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Reads the tables of a scenario and changes them by hand, as external commits do. */
public class ScenarioTables {
  private final TableNames names = TestSpark.uniqueNames();

  public TableNames names() {
    return names;
  }

  public SessionTables tables() {
    return new SessionTables(TestSpark.session(), names);
  }

  public Table sessionsTable() {
    return table(names.sessions());
  }

  /** Changes tables by hand; {@code ${sessions}} and so on are their names. */
  public void byHand(String statement) {
    sql(statement);
  }

  /** The single number that a query returns. */
  public long count(String query) {
    return sql(query).head().getLong(0);
  }

  /** The rows that a query returns. */
  public List<Row> rows(String query) {
    return sql(query).collectAsList();
  }

  private Dataset<Row> sql(String statement) {
    return TestSpark.session()
        .sql(statement.replace("${sessions}", names.sessions()).replace("${open}", names.open()));
  }

  public Sessions live() {
    return new Sessions(TestSpark.live(names));
  }

  public Sessions closed() {
    return new Sessions(TestSpark.sessions(names.sessions()));
  }

  /** The rows of staging, published or not. */
  public Sessions open() {
    return new Sessions(TestSpark.sessions(names.open()));
  }

  public Scenario.Snapshots snapshots() {
    return new Scenario.Snapshots(
        table(names.sessions()).currentSnapshot().snapshotId(),
        table(names.open()).currentSnapshot().snapshotId(),
        table(names.rejected()).currentSnapshot().snapshotId());
  }

  /** The summary of the last commit of the sessions table. */
  public Map<String, String> lastCommitOfSessions() {
    return table(names.sessions()).currentSnapshot().summary();
  }

  /** The published watermark, epoch milliseconds. */
  public long watermark() {
    return new SessionTables(TestSpark.session(), names).base().watermark().publishedMs();
  }

  public void rollBackSessions(Scenario.Snapshots to) {
    rollBack(names.sessions(), to.sessions());
  }

  public void rollBackOpen(Scenario.Snapshots to) {
    rollBack(names.open(), to.open());
  }

  /** As a person would. */
  private static void rollBack(String table, long snapshot) {
    TestSpark.session()
        .sql(
            String.format(
                "CALL local.system.rollback_to_snapshot('%s', %dL)",
                TableNames.plain(table), snapshot));
  }

  /** Makes the tagged snapshots of both tables the current ones, as docs/operations.md says. */
  public void setCurrentToTags() {
    for (String name : List.of(names.sessions(), names.open())) {
      String tag =
          table(name).refs().keySet().stream()
              .filter(ref -> ref.startsWith("audit-"))
              .max(Comparator.naturalOrder())
              .orElseThrow();
      byHand(
          String.format(
              "CALL local.system.set_current_snapshot(table => '%s', ref => '%s')",
              TableNames.plain(name), tag));
    }
  }

  /** The differences day by day. */
  public List<Row> difference(Recomputed done) {
    return comparison(done).days().collectAsList();
  }

  /** The tables before and after a recompute. */
  public Comparison comparison(Recomputed done) {
    return new Comparison(TestSpark.session(), names(), done.before(), done.after());
  }

  /** Maintains the tables and expires their history. */
  public List<MaintenanceStep> maintain() {
    List<MaintenanceStep> steps = new ArrayList<>();
    Maintenance.Policy nothing = new Maintenance.Policy(Duration.ZERO, Duration.ZERO, false);
    new Maintenance(TestSpark.session(), names(), nothing, System::currentTimeMillis)
        .execute(steps::add);
    return steps;
  }

  /** Tags the day, and keeps all snapshots. */
  public void tag() {
    Duration year = Duration.ofDays(365);
    new Maintenance(
            TestSpark.session(),
            names(),
            new Maintenance.Policy(year, year, false),
            System::currentTimeMillis)
        .execute(step -> {});
  }

  /** Rewrites the files and manifests of a table, as maintenance does. */
  public void compact(String table) {
    Table files = table(table);
    long before = files.currentSnapshot().snapshotId();
    SparkActions actions = SparkActions.get(TestSpark.session());
    actions.rewriteDataFiles(files).option("rewrite-all", "true").execute();
    actions.rewriteManifests(files).execute();
    files.refresh();
    assertNotEquals(before, files.currentSnapshot().snapshotId());
    assertEquals(DataOperations.REPLACE, files.currentSnapshot().operation());
  }

  /**
   * Compacts a table and keeps only its newest snapshot, as the table service of a catalog does.
   */
  public void compactAndExpire(String table) {
    compact(table);
    expireAll(table);
  }

  /** Removes the commit point from the properties and the metadata log of staging. */
  public void forgetCommitPoint() {
    byHand("ALTER TABLE ${open} SET TBLPROPERTIES ('write.metadata.previous-versions-max'='1')");
    byHand("ALTER TABLE ${open} UNSET TBLPROPERTIES ('sessionize.commit-point')");
    byHand("ALTER TABLE ${open} SET TBLPROPERTIES ('write.metadata.previous-versions-max'='2')");
  }

  /** Keeps only the newest snapshot of a table. */
  public void expireAll(String name) {
    Table table = table(name);
    table.expireSnapshots().expireOlderThan(Long.MAX_VALUE).retainLast(1).commit();
    table.refresh();
    assertEquals(
        table.refs().values().stream().map(SnapshotRef::snapshotId).distinct().count(),
        Iterables.size(table.snapshots()));
  }

  private static Table table(String name) {
    try {
      return Spark3Util.loadIcebergTable(TestSpark.session(), name);
    } catch (org.apache.spark.sql.catalyst.parser.ParseException
        | org.apache.spark.sql.catalyst.analysis.NoSuchTableException e) {
      throw new IllegalStateException(e);
    }
  }
}
