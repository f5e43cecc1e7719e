package io.sessionize.spark;

import io.sessionize.session.LookUp;
import io.sessionize.session.Reach;
import io.sessionize.spark.internal.RowKey;
import io.sessionize.spark.internal.StoredRows;
import io.sessionize.table.StartDays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.apache.iceberg.expressions.Expressions;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.sketch.BloomFilter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;

/**
 * Finds the published rows that a batch may change: for each affected user those that {@link Reach}
 * selects. Reads the key columns of the days near the affected times, however old these are, and no
 * events. Runs Spark jobs; the driver gets sets of days, a Bloom filter and at most 200 users.
 */
final class LookUpRows {
  private static final Logger LOG = LoggerFactory.getLogger(LookUpRows.class);

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
    JavaPairRDD<String, Iterable<Long>> users = affected.groupByKey();
    Wanted wanted =
        users.aggregate(
            new Wanted(lookUp, expected), (all, user) -> all.add(user._1, user._2), Wanted::add);
    if (wanted.isEmpty()) {
      return context.emptyRDD();
    }
    Broadcast<BloomFilter> filter = context.broadcast(wanted.users());
    StartDays known = wanted.days();
    LookUp bounds = lookUp;
    JavaRDD<RowKey> keys = keys(known, wanted, filter);
    for (int round = 0; ; round++) {
      JavaRDD<RowKey> reached = reached(users, keys);
      StartDays near =
          reached.aggregate(
              new StartDays(), (days, row) -> near(days, row, bounds), LookUpRows::add);
      StartDays missing = known.missing(near);
      if (missing.isEmpty()) {
        return reached;
      }
      // A user who never pauses reaches day after day: each round goes twice as far.
      StartDays next = known.missing(missing.widened((1 << Math.min(round, 10)) - 1));
      LOG.debug("the look-up reaches further days, round {}", round);
      keys = keys.union(keys(next, wanted, filter));
      known.add(next);
    }
  }

  private JavaRDD<RowKey> keys(StartDays days, Wanted wanted, Broadcast<BloomFilter> filter) {
    return sessions.keys(Expressions.and(days.filter(), wanted.ofUsers()), filter);
  }

  private JavaRDD<RowKey> reached(JavaPairRDD<String, Iterable<Long>> users, JavaRDD<RowKey> keys) {
    LookUp bounds = lookUp;
    return users
        .join(
            keys.mapToPair(key -> new Tuple2<>(key.uuid(), key))
                .aggregateByKey(new HashSet<RowKey>(), LookUpRows::add, LookUpRows::addAll))
        .flatMap(user -> reached(user._2._1, user._2._2, bounds));
  }

  private static Iterator<RowKey> reached(Iterable<Long> timesMs, Set<RowKey> rows, LookUp lookUp) {
    long[] sorted =
        StreamSupport.stream(timesMs.spliterator(), false)
            .mapToLong(Long::longValue)
            .sorted()
            .toArray();
    return new Reach<>(rows, lookUp, RowKey::startMs, RowKey::endMs).of(sorted).iterator();
  }

  private static HashSet<RowKey> add(HashSet<RowKey> rows, RowKey row) {
    rows.add(row);
    return rows;
  }

  private static HashSet<RowKey> addAll(HashSet<RowKey> rows, HashSet<RowKey> more) {
    rows.addAll(more);
    return rows;
  }

  /** Adds the days on which the rows beside a row start. */
  private static StartDays near(StartDays days, RowKey row, LookUp lookUp) {
    days.add(lookUp.leastStartMs(row.startMs()), row.endMs() + lookUp.timeoutMs());
    return days;
  }

  private static StartDays add(StartDays some, StartDays others) {
    some.add(others);
    return some;
  }
}
