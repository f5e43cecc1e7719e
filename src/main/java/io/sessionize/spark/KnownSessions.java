package io.sessionize.spark;

import static org.apache.spark.sql.functions.lit;

import io.sessionize.job.Recomputation;
import io.sessionize.row.SessionRows;
import io.sessionize.session.Rules;
import io.sessionize.summary.Base;
import io.sessionize.table.SessionReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Selects the stored sessions that a batch restates: all open ones, and the published rows of the
 * affected users. Rows have the columns of a session and {@link RestateUsers#IS_PUBLISHED_ROW}.
 */
final class KnownSessions {
  private final SessionReader reader;
  private final AffectedUsers affected;
  private final boolean madeByRules;

  KnownSessions(SparkSession spark, SessionReader reader, Base base, Rules rules) {
    this.reader = reader;
    this.affected = new AffectedUsers(spark, reader, base, rules);
    this.madeByRules = base.isMadeBy(rules);
  }

  /**
   * The sessions for a batch of new events.
   *
   * @param events with {@code uuid} and {@code event_time_ms}
   * @param lookUp whether published rows may change
   */
  Dataset<Row> ofBatch(Dataset<Row> events, boolean lookUp) {
    Dataset<Row> open = rows(reader.open(), false);
    return lookUp ? open.union(rows(affected.rows(affected.ofBatch(events)), true)) : open;
  }

  /**
   * The sessions for a recompute.
   *
   * @param none no events, with the columns of decoded ones
   */
  Dataset<Row> ofRecompute(Recomputation what, Dataset<Row> none) {
    if (what.isWhole()) {
      return rows(reader.open(), false).union(rows(reader.all(), true));
    }
    Dataset<Row> users = affected.ofRecompute(what);
    if (madeByRules) {
      return ofUsers(reader.open(), users.union(affected.ofBatch(none)));
    }
    // A what-if under other rules: all other users keep the sessions of the recorded rules.
    Dataset<Row> open = reader.open();
    return ofUsers(open.join(users.select("uuid").distinct(), "uuid").select(open.col("*")), users);
  }

  private Dataset<Row> ofUsers(Dataset<Row> open, Dataset<Row> users) {
    return rows(open, false).union(rows(affected.rows(users), true));
  }

  private static Dataset<Row> rows(Dataset<Row> sessions, boolean published) {
    return sessions
        .select(SessionRows.columns())
        .withColumn(RestateUsers.IS_PUBLISHED_ROW, lit(published));
  }
}
