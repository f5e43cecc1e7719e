package io.sessionize.audit;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;

import io.sessionize.audit.UserChanges.EventId;
import io.sessionize.history.Commit;
import io.sessionize.history.History;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.RunSummary.Settings;
import io.sessionize.table.SessionTables;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Finds the batch that read each event of one user first. The tables do not record it. But an event
 * is in staging from the batch that read it until its session is published, or it was published by
 * that batch. So the first snapshot of staging that has it is searched for by bisection, for all
 * events at once.
 */
final class Arrivals {
  /** Reading a snapshot of staging takes a file list and some footers. */
  private static final int MOST_SNAPSHOTS = 300;

  private static final int NOWHERE = -1;

  private final SparkSession spark;
  private final String staging;
  private final String user;
  private final String events;
  private final List<Commit> commits;
  private final Map<Long, Integer> indexes = new HashMap<>();
  private final Map<Integer, Set<EventId>> known = new HashMap<>();

  /** The snapshots between which an event came: {@code before} lacks it, {@code found} has it. */
  private static final class Interval {
    private int before = NOWHERE;
    private int found;
    private int next;

    boolean isFound() {
      return found - before <= 1;
    }
  }

  /**
   * @param fromMs time of the first event to look for
   * @param toMs time of the last event to look for
   */
  Arrivals(
      SparkSession spark,
      SessionTables tables,
      History history,
      String user,
      long fromMs,
      long toMs) {
    this.spark = spark;
    this.staging = tables.names().open();
    this.user = user;
    this.events = UserChanges.eventsBetween(fromMs, toMs);
    this.commits = history.staging();
    for (int i = 0; i < commits.size(); i++) {
      indexes.put(commits.get(i).id(), i);
    }
  }

  /**
   * Returns the commit of the batch that read each event first. An event whose batch has expired is
   * left out. Runs Spark jobs.
   *
   * @param ids events of the user
   * @param changes that published them
   */
  Map<EventId, Commit> of(Collection<EventId> ids, UserChanges changes) {
    Map<EventId, Commit> arrivals = new HashMap<>();
    Map<EventId, Interval> searched = new HashMap<>();
    Set<EventId> expired = changes.beforeHistory();
    for (EventId event : ids) {
      Optional<Commit> publishing = changes.publishing(event);
      publishing.ifPresent(commit -> arrivals.put(event, commit));
      Integer last =
          publishing.isEmpty()
              ? Integer.valueOf(commits.size() - 1)
              : publishing
                  .flatMap(Commit::summary)
                  .flatMap(RunSummary::openSnapshot)
                  .map(indexes::get)
                  .orElse(null);
      if (last != null && !expired.contains(event)) {
        Interval interval = new Interval();
        interval.found = last;
        interval.next = last;
        searched.put(event, interval);
      } else if (publishing
          .flatMap(Commit::summary)
          .flatMap(RunSummary::openSnapshot)
          .isPresent()) {
        // It may have been in a snapshot of staging that has expired.
        arrivals.remove(event);
      }
    }
    // Which of them were in staging before they were published?
    if (read(nextOf(searched.values()))) {
      searched
          .entrySet()
          .removeIf(search -> !known.get(search.getValue().next).contains(search.getKey()));
      searched.forEach((event, interval) -> interval.next = guess(event, interval));
    }
    while (!searched.isEmpty() && read(nextOf(searched.values()))) {
      searched.forEach(this::narrow);
      searched
          .entrySet()
          .removeIf(search -> search.getValue().isFound() && arrived(search, arrivals));
    }
    searched.keySet().forEach(arrivals::remove);
    return arrivals;
  }

  private static Set<Integer> nextOf(Collection<Interval> intervals) {
    Set<Integer> next = new TreeSet<>();
    intervals.forEach(interval -> next.add(interval.next));
    return next;
  }

  /** The first snapshot of a run whose clock had reached the event: it has most events. */
  private int guess(EventId event, Interval interval) {
    int first = 0;
    while (first < interval.found && clockMs(first) < event.timeMs()) {
      first++;
    }
    return Math.max(first, interval.before + 1);
  }

  private long clockMs(int index) {
    Commit commit = commits.get(index);
    return commit
        .summary()
        .flatMap(RunSummary::settings)
        .map(Settings::clockMs)
        .orElse(commit.at().toEpochMilli());
  }

  private void narrow(EventId event, Interval interval) {
    if (known.get(interval.next).contains(event)) {
      interval.found = interval.next;
      // A producer's clock may be ahead, so the snapshot before the guess is read too.
      interval.next =
          known.containsKey(interval.found - 1)
              ? (interval.before + interval.found) / 2
              : interval.found - 1;
    } else {
      interval.before = interval.next;
      interval.next = (interval.before + interval.found) / 2;
    }
    interval.next = Math.max(interval.next, interval.before + 1);
  }

  private boolean arrived(Map.Entry<EventId, Interval> search, Map<EventId, Commit> arrivals) {
    int found = search.getValue().found;
    Commit commit = commits.get(found);
    boolean isFirstKept = found == 0 && commit.parent().isPresent();
    if (isFirstKept || commit.summary().isEmpty()) {
      arrivals.remove(search.getKey());
    } else {
      arrivals.put(search.getKey(), commit);
    }
    return true;
  }

  /** Reads these snapshots of staging. Returns whether that was allowed. */
  private boolean read(Set<Integer> snapshots) {
    Set<Integer> missing = new TreeSet<>(snapshots);
    missing.removeAll(known.keySet());
    if (known.size() + missing.size() > MOST_SNAPSHOTS) {
      return false;
    }
    missing.forEach(index -> known.put(index, new HashSet<>()));
    missing.stream()
        .map(this::events)
        .reduce(Dataset::union)
        .ifPresent(
            rows ->
                rows.collectAsList()
                    .forEach(
                        row ->
                            row.<Row>getList(1)
                                .forEach(
                                    event -> known.get(row.getInt(0)).add(EventId.of(event)))));
    return true;
  }

  private Dataset<Row> events(int index) {
    return spark
        .read()
        .option("snapshot-id", commits.get(index).id())
        .table(staging)
        .where(col("uuid").equalTo(lit(user)))
        .where("events IS NOT NULL")
        .select(lit(index).as("snapshot"), expr(events).as("events"));
  }
}
