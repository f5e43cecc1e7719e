package io.sessionize.testing;

import static org.apache.spark.sql.functions.lit;

import io.sessionize.summary.TableNames;
import io.sessionize.table.SessionTables;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.spark.CommitMetadata;
import org.apache.iceberg.spark.Spark3Util;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Forges Sessionize commits, as a faulty run or a malicious person would publish them. */
public final class Forgery {
  private final Scenario scenario;

  public Forgery(Scenario scenario) {
    this.scenario = scenario;
  }

  /** Alters the sessions table in the name of its last run. */
  public void alter(String statement) {
    as(
        ownProperties(current(scenario.names().sessions())),
        () -> {
          scenario.byHand(statement);
          return null;
        });
  }

  /**
   * Reverts the last commit of both tables and publishes it again with an error.
   *
   * @param wrong statements that make the error
   */
  public void republish(String... wrong) {
    TableNames names = scenario.names();
    Map<String, String> sessionsSummary = ownProperties(current(names.sessions()));
    Map<String, String> openSummary = ownProperties(current(names.open()));
    long sessionsBefore = current(names.sessions()).parentId();
    long openBefore = current(names.open()).parentId();
    List.of(wrong).forEach(scenario::byHand);
    Dataset<Row> sessions = copy(names.sessions());
    Dataset<Row> open = copy(names.open());
    rollBack(names.sessions(), sessionsBefore);
    rollBack(names.open(), openBefore);
    as(
        sessionsSummary,
        () -> {
          sessions.writeTo(names.sessions()).append();
          return null;
        });
    openSummary.put(
        "sessionize.sessions-snapshot", Long.toString(current(names.sessions()).snapshotId()));
    as(
        openSummary,
        () -> {
          open.writeTo(names.open()).overwrite(lit(true));
          return null;
        });
    // A run accepts it as a Sessionize commit and would continue here
    new SessionTables(TestSpark.session(), names).base();
  }

  private static Dataset<Row> copy(String table) {
    Dataset<Row> rows = TestSpark.session().table(table);
    List<Row> all = rows.collectAsList();
    return TestSpark.session().createDataFrame(all, rows.schema());
  }

  private static void rollBack(String table, long snapshot) {
    TestSpark.session()
        .sql(
            String.format(
                "CALL local.system.set_current_snapshot('%s', %dL)",
                TableNames.plain(table), snapshot));
  }

  private static Map<String, String> ownProperties(Snapshot snapshot) {
    Map<String, String> own = new TreeMap<>(snapshot.summary());
    own.keySet().removeIf(key -> !key.startsWith("sessionize."));
    return own;
  }

  private static Snapshot current(String table) {
    try {
      return Spark3Util.loadIcebergTable(TestSpark.session(), table).currentSnapshot();
    } catch (org.apache.spark.sql.catalyst.parser.ParseException
        | org.apache.spark.sql.catalyst.analysis.NoSuchTableException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void as(Map<String, String> summary, Callable<Object> commit) {
    try {
      CommitMetadata.withCommitProperties(summary, commit, Exception.class);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
