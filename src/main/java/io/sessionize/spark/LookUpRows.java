package io.sessionize.spark;

import io.sessionize.session.LookUp;
import io.sessionize.session.Reach;
import io.sessionize.spark.internal.RowKey;
import io.sessionize.spark.internal.SearchedUsers;
import io.sessionize.spark.internal.StoredRows;
import io.sessionize.table.StartDays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import scala.Tuple2;

/**
 * Finds the published rows that a batch may change: for each affected user those that {@link Reach}
 * selects. Reads the key columns of the days near the affected times, however old these are, and no
 * events. Runs Spark jobs; the driver gets sets of days, a Bloom filter and at most 200 users.
 */
final class LookUpRows {
  private final JavaSparkContext context;
  private final StoredRows sessions;
  private final LookUp lookUp;

  LookUpRows(SparkSession spark, StoredRows sessions, LookUp lookUp) {
    this.context = new JavaSparkContext(spark.sparkContext());
    this.sessions = sessions;
    this.lookUp = lookUp;
  }

  /**
   * Returns the keys of the rows.
   *
   * @param affected users and the times at which they are affected
   * @param expected about how many users there are
   */
  JavaRDD<RowKey> of(JavaPairRDD<String, Long> affected, long expected) {
    JavaPairRDD<String, Long> users = affected.persist(StorageLevel.MEMORY_AND_DISK());
    try {
      Wanted wanted =
          users.treeAggregate(
              new Wanted(lookUp, expected), (all, user) -> all.add(user._1, user._2), Wanted::add);
      return wanted.isEmpty() ? context.emptyRDD() : reached(users, wanted);
    } finally {
      users.unpersist(false);
    }
  }

  private JavaRDD<RowKey> reached(JavaPairRDD<String, Long> users, Wanted wanted) {
    Broadcast<SearchedUsers> searched = context.broadcast(wanted.users());
    StartDays known = wanted.days();
    LookUp bounds = lookUp;
    JavaRDD<RowKey> keys = sessions.keys(known.filter(), searched);
    for (int round = 0; ; round++) {
      JavaRDD<RowKey> reached =
          users
              .cogroup(keys.mapToPair(key -> new Tuple2<>(key.uuid(), key)))
              .flatMap(user -> reached(user._2._1, user._2._2, bounds));
      // Who reads the result reads these shuffled keys, not the tables again.
      StartDays near =
          reached.aggregate(
              new StartDays(), (days, row) -> near(days, row, bounds), LookUpRows::add);
      StartDays missing = known.missing(near);
      if (missing.isEmpty()) {
        return reached;
      }
      // A user who never pauses reaches day after day: each round goes twice as far.
      StartDays next = known.missing(missing.widened((1 << Math.min(round, 10)) - 1));
      keys = keys.union(sessions.keys(next.filter(), searched));
      known.add(next);
    }
  }

  private static Iterator<RowKey> reached(
      Iterable<Long> timesMs, Iterable<RowKey> rows, LookUp lookUp) {
    long[] sorted =
        StreamSupport.stream(timesMs.spliterator(), false)
            .mapToLong(Long::longValue)
            .sorted()
            .toArray();
    // A file with rows of several days may have been read in several rounds.
    Set<RowKey> once = new HashSet<>();
    rows.forEach(once::add);
    return new Reach<>(once, lookUp, RowKey::startMs, RowKey::endMs).of(sorted).iterator();
  }

  /** Adds the days on which the rows beside a row start. */
  private static StartDays near(StartDays days, RowKey row, LookUp lookUp) {
    // An external statement may have set any end.
    long endMs = Math.min(row.endMs(), row.startMs() + lookUp.maxMs());
    days.add(lookUp.leastStartMs(row.startMs()), endMs + lookUp.timeoutMs());
    return days;
  }

  private static StartDays add(StartDays some, StartDays others) {
    some.add(others);
    return some;
  }
}
