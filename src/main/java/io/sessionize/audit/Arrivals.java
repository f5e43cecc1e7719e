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
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
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
  static final int MOST_SNAPSHOTS = 300;

  /** The search of one event reads several snapshots, so a group must leave room for them. */
  private static final int GROUP = 50;

  private static final int NOWHERE = -1;

  private final SparkSession spark;
  private final String staging;
  private final String user;
  private final String events;
  private final int most;
  private final List<Commit> commits;
  private final Map<Long, Integer> indexes = new HashMap<>();
  private final Map<Integer, Set<EventId>> known = new HashMap<>();

  /** The snapshots of runs whose clock is later than that of all runs before, by that clock. */
  private final NavigableMap<Long, Integer> clocks = new TreeMap<>();

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
   * @param most how many snapshots to read at most
   */
  Arrivals(
      SparkSession spark,
      SessionTables tables,
      History history,
      String user,
      long fromMs,
      long toMs,
      int most) {
    this.spark = spark;
    this.staging = tables.names().open();
    this.user = user;
    this.most = most;
    this.events = UserChanges.eventsBetween(fromMs, toMs);
    this.commits = history.staging();
    for (int i = 0; i < commits.size(); i++) {
      indexes.put(commits.get(i).id(), i);
      Optional<Long> clockMs =
          commits.get(i).summary().flatMap(RunSummary::settings).map(Settings::clockMs);
      if (clockMs.isPresent() && (clocks.isEmpty() || clockMs.get() > clocks.lastKey())) {
        clocks.put(clockMs.get(), i);
      }
    }
  }

  /**
   * Returns the commit of the batch that read each event first. An event whose batch has expired is
   * left out, and so are the oldest events if too many snapshots would be read. Runs Spark jobs.
   *
   * @param ids events of the user
   * @param changes that published them
   */
  Map<EventId, Commit> of(Collection<EventId> ids, UserChanges changes) {
    Map<EventId, Commit> arrivals = new HashMap<>();
    Map<EventId, Interval> searched = new LinkedHashMap<>();
    Set<EventId> expired = changes.beforeHistory();
    List<EventId> newestFirst =
        ids.stream().sorted(Comparator.comparingLong(EventId::timeMs).reversed()).toList();
    for (EventId event : newestFirst) {
      Optional<Commit> publishing = changes.publishing(event);
      Optional<Long> staged = publishing.flatMap(Commit::summary).flatMap(RunSummary::openSnapshot);
      Integer last =
          publishing.isEmpty()
              ? Integer.valueOf(commits.size() - 1)
              : staged.map(indexes::get).orElse(null);
      if (last != null && !expired.contains(event)) {
        Interval interval = new Interval();
        interval.found = last;
        interval.next = last;
        searched.put(event, interval);
      }
      // Without a snapshot of staging to read, the batch that published the event read it. With one
      // that has expired, an earlier batch may have read it.
      if (last != null || staged.isEmpty()) {
        publishing.ifPresent(commit -> arrivals.put(event, commit));
      }
    }
    while (!searched.isEmpty()) {
      search(group(searched), arrivals);
    }
    return arrivals;
  }

  /** Takes the newest events that begin in a few snapshots: one Spark job reads these. */
  private static Map<EventId, Interval> group(Map<EventId, Interval> searched) {
    Map<EventId, Interval> group = new LinkedHashMap<>();
    Set<Integer> snapshots = new HashSet<>();
    Iterator<Map.Entry<EventId, Interval>> newest = searched.entrySet().iterator();
    while (newest.hasNext()) {
      Map.Entry<EventId, Interval> next = newest.next();
      snapshots.add(next.getValue().next);
      if (snapshots.size() > GROUP) {
        break;
      }
      group.put(next.getKey(), next.getValue());
      newest.remove();
    }
    return group;
  }

  private void search(Map<EventId, Interval> group, Map<EventId, Commit> arrivals) {
    // Which of them were in staging before they were published?
    read(group, arrivals);
    group
        .entrySet()
        .removeIf(search -> !known.get(search.getValue().next).contains(search.getKey()));
    group.forEach((event, interval) -> interval.next = guess(event, interval));
    while (!group.isEmpty()) {
      read(group, arrivals);
      group.forEach(this::narrow);
      group.entrySet().removeIf(search -> search.getValue().isFound() && arrived(search, arrivals));
    }
  }

  /** The first snapshot of a run whose clock had reached the event: it has most events. */
  private int guess(EventId event, Interval interval) {
    Map.Entry<Long, Integer> first = clocks.ceilingEntry(event.timeMs());
    int guess = first == null ? interval.found : Math.min(first.getValue(), interval.found);
    return Math.max(guess, interval.before + 1);
  }

  private void narrow(EventId event, Interval interval) {
    if (known.get(interval.next).contains(event)) {
      interval.found = interval.next;
      int previous = interval.found - 1;
      if (!known.containsKey(previous)) {
        // A producer's clock may be ahead, so the snapshot before the guess is read too.
        interval.next = previous;
      } else if (known.get(previous).contains(event)) {
        interval.next = (interval.before + interval.found) / 2;
      } else {
        interval.before = previous;
      }
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

  /** Reads the next snapshots of the events, the newest first. Gives up those beyond the limit. */
  private void read(Map<EventId, Interval> group, Map<EventId, Commit> arrivals) {
    Set<Integer> missing = new TreeSet<>();
    group
        .entrySet()
        .removeIf(
            search -> {
              int next = search.getValue().next;
              if (known.containsKey(next) || missing.contains(next)) {
                return false;
              }
              if (known.size() + missing.size() < most) {
                missing.add(next);
                return false;
              }
              arrivals.remove(search.getKey());
              return true;
            });
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
