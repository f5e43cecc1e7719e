package io.sessionize.spark;

import io.sessionize.job.Recomputation;
import io.sessionize.row.Micros;
import io.sessionize.session.AffectedUser;
import io.sessionize.session.LookUp;
import io.sessionize.session.SetAside;
import io.sessionize.spark.internal.RowKey;
import io.sessionize.spark.internal.StoredRows;
import io.sessionize.spark.internal.UserShuffle;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import scala.Tuple2;

/**
 * Finds the affected users of a batch, each with the times at which the user is affected (epoch
 * milliseconds). A user may occur several times. Lazy.
 */
final class AffectedUsers {
  private final JavaSparkContext context;
  private final StoredRows sessions;
  private final AffectedUser affected;
  private final SetAside newlySetAside;

  AffectedUsers(
      SparkSession spark, StoredRows sessions, AffectedUser affected, SetAside newlySetAside) {
    this.context = new JavaSparkContext(spark.sparkContext());
    this.sessions = sessions;
    this.affected = affected;
    this.newlySetAside = newlySetAside;
  }

  /**
   * Returns the users with a late event, at its time, and the users with an open session that is
   * published, at its start. If the tables are out of sync: also every user in staging, and every
   * user with a published row of the last hours. The users that are newly set aside, at each of
   * their published rows: only hashes of them are known, so the keys of all rows are read.
   *
   * @param records new events; null for none
   * @param staged keys of the sessions in staging that are restated
   * @param openPublished whether published sessions may be among them
   */
  JavaPairRDD<String, Long> ofBatch(
      UserShuffle records, JavaRDD<RowKey> staged, boolean openPublished) {
    JavaPairRDD<String, Long> users =
        records == null
            ? JavaPairRDD.fromJavaRDD(context.<Tuple2<String, Long>>emptyRDD())
            : records.eventsBefore(affected.lateBeforeMs());
    AffectedUser rule = affected;
    if (openPublished || rule.outOfSync()) {
      users = users.union(starts(staged.filter(row -> rule.byOpenSession(row.published()))));
    }
    if (rule.outOfSync()) {
      users =
          users.union(
              starts(
                  sessions
                      .keys(startingFrom(rule.leastStartOfRowMs()), null)
                      .filter(row -> rule.byRow(row.startMs(), row.endMs()))));
    }
    SetAside gone = newlySetAside;
    return gone.isEmpty()
        ? users
        : users.union(
            starts(
                sessions
                    .keys(Expressions.alwaysTrue(), null)
                    .filter(row -> gone.contains(row.uuid()))));
  }

  private static Expression startingFrom(long timeMs) {
    return timeMs == Long.MIN_VALUE
        ? Expressions.alwaysTrue()
        : Expressions.greaterThanOrEqual("session_start", Micros.ofMs(timeMs));
  }

  private static JavaPairRDD<String, Long> starts(JavaRDD<RowKey> rows) {
    return rows.mapToPair(row -> new Tuple2<>(row.requireUuid(), row.startMs()));
  }

  /**
   * Returns the users of a partial recompute: the given users, from the beginning on, or the users
   * with a row on the given days, at these rows.
   */
  JavaPairRDD<String, Long> ofRecompute(Recomputation part) {
    if (part.isOfUsersAlone()) {
      return context
          .parallelize(List.copyOf(part.users()))
          .mapToPair(user -> new Tuple2<>(user, LookUp.FROM_THE_BEGINNING));
    }
    Set<String> users = part.users();
    return starts(
        sessions
            .keys(onDays(part.from(), part.to()), null)
            .filter(row -> isWithin(row.startMs(), part.from(), part.to()))
            .filter(row -> users.isEmpty() || users.contains(row.uuid())));
  }

  private static Expression onDays(LocalDate from, LocalDate to) {
    Expression after = from == null ? Expressions.alwaysTrue() : startingFrom(startOf(from));
    return to == null
        ? after
        : Expressions.and(
            after, Expressions.lessThan("session_start", Micros.ofMs(startOf(to.plusDays(1)))));
  }

  private static boolean isWithin(long timeMs, LocalDate from, LocalDate to) {
    return (from == null || timeMs >= startOf(from))
        && (to == null || timeMs < startOf(to.plusDays(1)));
  }

  private static long startOf(LocalDate day) {
    return day.atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli();
  }
}
