package io.sessionize.cli;

import static org.apache.spark.sql.functions.col;

import io.sessionize.Failure;
import io.sessionize.summary.TableNames;
import java.util.HashSet;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The users of {@link Opt#USER} and {@link Opt#USERS_FILE}.
 *
 * @param ids empty for all users
 */
record GivenUsers(Set<String> ids) {
  private static final Logger LOG = LoggerFactory.getLogger(GivenUsers.class);

  /**
   * Reads the options.
   *
   * @throws Failure of usage, if the file cannot be used
   */
  static GivenUsers of(Arguments arguments) {
    Set<String> ids = new HashSet<>(arguments.all(Opt.USER));
    Set<String> ofFile = UsersFile.read(arguments, Opt.USERS_FILE);
    if (ofFile != null) {
      // An empty file must not mean all users.
      if (ofFile.isEmpty()) {
        throw Failure.usage("--users-file %s names no user.", arguments.text(Opt.USERS_FILE));
      }
      ids.addAll(ofFile);
    }
    return new GivenUsers(Set.copyOf(ids));
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
              "%d of the %d given users have no %s: check how their ids are written.",
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
