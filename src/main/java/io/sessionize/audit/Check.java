package io.sessionize.audit;

import static org.apache.spark.sql.functions.lit;

import io.sessionize.Failure;
import io.sessionize.row.SessionRows;
import io.sessionize.session.Rules;
import io.sessionize.summary.Base;
import io.sessionize.summary.TableNames;
import io.sessionize.table.SessionTables;
import io.sessionize.table.Sql;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Finds the rows that break an invariant of the tables. It reads one fixed snapshot of both tables;
 * later commits do not matter.
 */
public final class Check {
  private static final String SESSIONS = "sessionize_check_sessions";
  private static final String OPEN = "sessionize_check_open";
  private static final String LIVE = "sessionize_check_live";
  private static final int LOOKS = 3;
  private static final long BETWEEN_LOOKS_MS = 500;

  private final SparkSession spark;
  private final TableNames names;
  private final SessionTables tables;
  private final Base base;
  private final Rules rules;

  /**
   * Selects the current snapshots of the tables.
   *
   * @param given returns the rules to check, from the rules recorded with the tables
   * @throws Failure of usage, if the tables were made with other rules; conflict, if the tables are
   *     out of sync because a run is between its two commits, or crashed there
   */
  public Check(SparkSession spark, TableNames names, UnaryOperator<Rules> given) {
    this.spark = spark;
    this.names = names;
    this.tables = new SessionTables(spark, names);
    this.base = settled();
    this.rules = given.apply(Rules.parse(base.open().rules()));
    base.open().requireRules(rules);
  }

  /** Retries, since a run is between its two commits for some milliseconds only. */
  private Base settled() {
    Base now = tables.base();
    for (int look = 1; now.isBetweenCommits() && look < LOOKS; look++) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(BETWEEN_LOOKS_MS));
      now = tables.base();
    }
    if (now.isBetweenCommits()) {
      throw Failure.conflict(
          null,
          "Nothing was checked: a %s of %s is between its two commits, or crashed there. The next run repairs it"
              + " (after a recompute, that recompute once more): check again then.",
          now.sessions().orElseThrow().work(),
          names.table());
    }
    return now;
  }

  /**
   * The rows that break an invariant, one for each row and invariant: columns {@code table_name,
   * session_id, uuid, invariant, detail}. Reads all of both tables.
   */
  public Dataset<Row> violations() {
    Dataset<Row> sessions = tables.reader(base).all();
    Dataset<Row> open = tables.reader(base).openAsStored();
    sessions.createOrReplaceTempView(SESSIONS);
    open.createOrReplaceTempView(OPEN);
    // The rows of the live view. Not every catalog has views, so it is built here.
    sessions
        .union(open.where("published IS NOT TRUE").select(SessionRows.columns()))
        .createOrReplaceTempView(LIVE);
    return query("check/rows", SESSIONS, names.sessions())
        .union(query("check/rows", OPEN, names.open()))
        .union(query("check/neighbours", LIVE, names.live()))
        .union(query("check/staging", OPEN, names.open()));
  }

  private Dataset<Row> query(String name, String view, String table) {
    return spark
        .sql(
            Sql.named(name)
                .with("table", view)
                .with("sessions", SESSIONS)
                .with("plain_sessions", TableNames.plain(names.sessions()))
                .with("timeout", Long.toString(rules.timeoutMs()))
                .with("maximum", Long.toString(rules.maxMs()))
                .text())
        .withColumn("table_name", lit(TableNames.plain(table)));
  }
}
