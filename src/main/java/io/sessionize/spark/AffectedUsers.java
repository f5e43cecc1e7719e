package io.sessionize.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.unix_millis;

import io.sessionize.job.Recomputation;
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
 * Finds the users whose published rows a batch may touch, each from which time on, and looks these
 * rows up. Users are columns {@code uuid} and {@code from_ms}, one user in any number of rows.
 */
final class AffectedUsers {
  private final SparkSession spark;
  private final SessionReader reader;
  private final Base base;
  private final LookUp lookUp;

  AffectedUsers(SparkSession spark, SessionReader reader, Base base, Rules rules) {
    this.spark = spark;
    this.reader = reader;
    this.base = base;
    this.lookUp = base.lookUp(rules);
  }

  /**
   * Users with a late event, from that event on; users with an open session that is published, from
   * its start on. Where the tables are apart: every user in staging, and every user with a row of
   * the last hours.
   *
   * @param events new ones, with {@code uuid} and {@code event_time_ms}
   */
  Dataset<Row> byBatch(Dataset<Row> events) {
    Dataset<Row> users =
        events
            .where(col("event_time_ms").lt(base.watermark().publishedMs()))
            .select(col("uuid"), col("event_time_ms").as("from_ms"))
            .union(
                reader
                    .open()
                    .where(base.apart() ? lit(true) : col("published"))
                    .select(col("uuid"), col("session_start_time_ms").as("from_ms")));
    return base.apart() ? users.union(reader.touchable(lookUp)) : users;
  }

  /**
   * The users of a part that is to be made anew: those named, from the beginning on, or those with
   * a row on the days named, from their first such row on.
   */
  Dataset<Row> byPart(Recomputation part) {
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

  /** The published rows that these users' new events, or a part of theirs, may touch. */
  Dataset<Row> rows(Dataset<Row> users) {
    Dataset<Row> earliest = users.groupBy("uuid").agg(min("from_ms").as("from_ms"));
    Row first = earliest.agg(min("from_ms")).head();
    return first.isNullAt(0)
        ? reader.all().limit(0)
        : reader.published(earliest, first.getLong(0), lookUp);
  }
}
