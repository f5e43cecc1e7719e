package io.sessionize.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.unix_millis;

import io.sessionize.job.Recomputation;
import io.sessionize.session.AffectedUser;
import io.sessionize.session.LookUp;
import io.sessionize.session.Rules;
import io.sessionize.summary.Base;
import io.sessionize.table.SessionReader;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Finds the affected users of a batch and looks up their published rows. A data set of users has
 * the columns {@code uuid} and {@code from_ms}: the user is affected from this time (epoch
 * milliseconds). A user may have several rows. Lazy, except for {@link #rows}.
 */
final class AffectedUsers {
  private final SparkSession spark;
  private final SessionReader reader;
  private final AffectedUser affected;

  AffectedUsers(SparkSession spark, SessionReader reader, Base base, Rules rules) {
    this.spark = spark;
    this.reader = reader;
    this.affected = base.affected(rules);
  }

  /**
   * Returns the users with a late event, from that event on, and the users with an open session
   * that is published, from its start on. If the tables are out of sync: also every user in
   * staging, and every user with a published row of the last hours.
   *
   * @param events new events, with {@code uuid} and {@code event_time_ms}
   */
  Dataset<Row> ofBatch(Dataset<Row> events) {
    Dataset<Row> users =
        events
            .where(col("event_time_ms").lt(affected.lateBeforeMs()))
            .select(col("uuid"), col("event_time_ms").as("from_ms"))
            .union(
                reader
                    .open()
                    .where(affected.byOpenSession(false) ? lit(true) : col("published"))
                    .select(col("uuid"), col("session_start_time_ms").as("from_ms")));
    return affected.outOfSync() ? users.union(reader.recentUsers(affected)) : users;
  }

  /**
   * Returns the users of a partial recompute: the given users, from the beginning on, or the users
   * with a row on the given days, from these rows on.
   */
  Dataset<Row> ofRecompute(Recomputation part) {
    if (part.isOfUsersAlone()) {
      return spark
          .createDataset(List.copyOf(part.users()), Encoders.STRING())
          .toDF("uuid")
          .withColumn("from_ms", lit(LookUp.FROM_THE_BEGINNING));
    }
    Dataset<Row> rows = reader.sessions(part.from(), part.to());
    if (!part.users().isEmpty()) {
      rows = rows.where(col("uuid").isInCollection(part.users()));
    }
    return rows.select(col("uuid"), unix_millis(col("session_start")).as("from_ms"));
  }

  /**
   * Returns the published rows that a batch may change for these users. Runs a Spark job, which
   * finds the earliest time.
   */
  Dataset<Row> rows(Dataset<Row> users) {
    Dataset<Row> earliest = users.groupBy("uuid").agg(min("from_ms").as("from_ms"));
    Row first = earliest.agg(min("from_ms")).head();
    return first.isNullAt(0)
        ? reader.all().limit(0)
        : reader.published(earliest, first.getLong(0), affected.lookUp());
  }
}
