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
 * The invariants of the tables, as queries that return the rows that break them. It looks at one
 * state of both tables, whatever is committed meanwhile.
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
   * Takes the tables as they stand now.
   *
   * @param given the rules recorded with the tables to those given now
   * @throws Failure of usage, where other rules are given than made the tables; conflict, where the
   *     tables do not belong together because a run is between its two commits, or crashed there
   */
  public Check(SparkSession spark, TableNames names, UnaryOperator<Rules> given) {
    this.spark = spark;
    this.names = names;
    this.tables = new SessionTables(spark, names);
    this.base = settled();
    this.rules = given.apply(Rules.parse(base.open().rules()));
    base.open().requireRules(rules);
  }

  /** A run is between its commits for some milliseconds: looking again mostly finds it done. */
  private Base settled() {
    Base now = tables.base();
    for (int look = 1; now.isBetweenCommits() && look < LOOKS; look++) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(BETWEEN_LOOKS_MS));
      now = tables.base();
    }
    if (now.isBetweenCommits()) {
      throw Failure.conflict(
          null,
          "Nothing was checked: a %s of %s is between its two commits, or crashed there. The next run puts it right"
              + " (after a recompute, that recompute once more): check again then.",
          now.sessions().orElseThrow().command(),
          names.table());
    }
    return now;
  }

  /**
   * The rows that break an invariant: columns {@code table_name, session_id, uuid, invariant,
   * detail}. Reads all of both tables.
   */
  public Dataset<Row> violations() {
    Dataset<Row> sessions = tables.reader(base).all();
    Dataset<Row> open = tables.reader(base).openAsStored();
    sessions.createOrReplaceTempView(SESSIONS);
    open.createOrReplaceTempView(OPEN);
    // Over both tables, with or without a catalog that has views.
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
