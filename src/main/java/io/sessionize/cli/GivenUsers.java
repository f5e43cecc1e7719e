package io.sessionize.cli;

import static org.apache.spark.sql.functions.col;

import io.sessionize.summary.TableNames;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The users of {@link Opt#USER}.
 *
 * @param ids empty for all users
 */
record GivenUsers(Set<String> ids) {
  private static final Logger LOG = LoggerFactory.getLogger(GivenUsers.class);

  static GivenUsers of(Arguments arguments) {
    return new GivenUsers(Set.copyOf(arguments.all(Opt.USER)));
  }

  /**
   * Warns if some of the users were not found. The warning does not name them: logs must not hold
   * ids of users.
   *
   * @param found how many of them were found
   * @param what was looked for, such as {@code a session}
   */
  void warnUnless(long found, String what) {
    if (found < ids.size()) {
      String warning =
          String.format(
              "%d of %d users of --user have no %s: check how their ids are written.",
              ids.size() - found, ids.size(), what);
      LOG.warn(warning);
      System.err.println("sessionize: warning: " + warning);
    }
  }

  /** Returns how many of the users have a session, closed or open. */
  long inTables(SparkSession spark, TableNames names) {
    return ids.isEmpty()
        ? 0
        : of(spark, names.sessions()).union(of(spark, names.open())).distinct().count();
  }

  private Dataset<Row> of(SparkSession spark, String table) {
    return spark.table(table).where(col("uuid").isin(ids.toArray())).select("uuid");
  }
}
