package io.sessionize.spark;

import io.sessionize.row.KnownRows;
import io.sessionize.session.LookUp;
import io.sessionize.session.Reach;
import io.sessionize.spark.internal.InternalRows;
import io.sessionize.spark.internal.RowKey;
import io.sessionize.spark.internal.SearchedUsers;
import io.sessionize.spark.internal.StoredRows;
import io.sessionize.table.StartDays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
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
 * events. Runs Spark jobs.
 *
 * <p>What the driver gets is bounded: sets of days, a Bloom filter, and of few users the names and
 * times ({@link FewUsers}) and at most 10,000 keys. If it has all of them, it selects the rows
 * itself: in a cold process, the stages of a join cost more than what they do. Otherwise tasks
 * select the rows.
 */
final class LookUpRows {
  private static final int MOST_KEYS = 10_000;

  private final JavaSparkContext context;
  private final StoredRows sessions;
  private final LookUp lookUp;
  private final int mostKeys;

  LookUpRows(SparkSession spark, StoredRows sessions, LookUp lookUp) {
    this(spark, sessions, lookUp, MOST_KEYS);
  }

  /**
   * @param mostKeys number of keys with which the driver selects rows
   */
  LookUpRows(SparkSession spark, StoredRows sessions, LookUp lookUp, int mostKeys) {
    this.context = new JavaSparkContext(spark.sparkContext());
    this.sessions = sessions;
    this.lookUp = lookUp;
    this.mostKeys = mostKeys;
  }

  /**
   * Returns the rows: rows of {@link KnownRows}.
   *
   * @param affected users and the times at which they are affected
   * @param expected about how many users there are, at most
   */
  InternalRows of(JavaPairRDD<String, Long> affected, long expected) {
    // Few users are most likely read once.
    boolean few = expected <= FewUsers.MOST_USERS;
    JavaPairRDD<String, Long> users =
        few ? affected : affected.persist(StorageLevel.MEMORY_AND_DISK());
    try {
      // The filters of few users are merged by the driver, without a stage for it.
      Wanted wanted =
          users.treeAggregate(
              new Wanted(lookUp, expected),
              (all, user) -> all.add(user._1, user._2),
              Wanted::add,
              few ? 1 : 2);
      if (wanted.isEmpty()) {
        return sessions.of(List.of());
      }
      Broadcast<SearchedUsers> searched = context.broadcast(wanted.users());
      return reachedByFew(wanted, searched)
          .map(sessions::of)
          .orElseGet(() -> sessions.of(reached(users, wanted, searched)));
    } finally {
      if (!few) {
        users.unpersist(false);
      }
    }
  }

  /** Selects the rows in the driver; empty if users, times or keys are too many. */
  private Optional<List<RowKey>> reachedByFew(Wanted wanted, Broadcast<SearchedUsers> searched) {
    if (!wanted.few().areKnown()) {
      return Optional.empty();
    }
    FoundKeys found = new FoundKeys(mostKeys);
    SearchedDays days = new SearchedDays(wanted.days());
    List<RowKey> reached = List.of();
    for (StartDays next = wanted.days(); !next.isEmpty(); next = days.next(near(reached))) {
      int most = mostKeys;
      found.add(
          sessions
              .keys(next.filter(), searched)
              .mapPartitions(keys -> List.of(new FoundKeys(most).add(keys)).iterator())
              .reduce(FoundKeys::add));
      if (found.areTooMany()) {
        return Optional.empty();
      }
      reached = wanted.few().reached(found.keys(), lookUp);
    }
    return Optional.of(reached);
  }

  private StartDays near(List<RowKey> rows) {
    StartDays near = new StartDays();
    rows.forEach(row -> near(near, row, lookUp));
    return near;
  }

  private JavaRDD<RowKey> reached(
      JavaPairRDD<String, Long> users, Wanted wanted, Broadcast<SearchedUsers> searched) {
    SearchedDays days = new SearchedDays(wanted.days());
    LookUp bounds = lookUp;
    JavaRDD<RowKey> keys = sessions.keys(wanted.days().filter(), searched);
    while (true) {
      JavaRDD<RowKey> reached =
          users
              .cogroup(keys.mapToPair(key -> new Tuple2<>(key.uuid(), key)))
              .flatMap(user -> reached(user._2._1, user._2._2, bounds));
      // Who reads the result reads these shuffled keys, not the tables again.
      StartDays near =
          reached.aggregate(new StartDays(), (all, row) -> near(all, row, bounds), LookUpRows::add);
      StartDays next = days.next(near);
      if (next.isEmpty()) {
        return reached;
      }
      keys = keys.union(sessions.keys(next.filter(), searched));
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
