package io.sessionize.maintenance;

import io.sessionize.summary.TableNames;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.iceberg.expressions.Expression;
import org.apache.spark.sql.SparkSession;

/**
 * Maintains the tables between the batches of a continuous run, in rounds of short steps. It does
 * what {@link Maintenance} does, but compacts only small files, and tags each hour too. Large files
 * that have many deleted rows are left to {@code maintain}.
 */
public final class Upkeep {
  private static final Duration KEEP_HOURLY_TAGS = Duration.ofDays(1);
  private static final Duration ORPHANS_EVERY = Duration.ofDays(1);

  /** Not at the start: a process that is started again and again would only look for orphans. */
  private static final Duration FIRST_ORPHANS = Duration.ofHours(1);

  /** A backlog of small files is compacted in several rounds. */
  private static final int MAX_COMPACTIONS = 20;

  private final TableNames names;
  private final Maintenance maintenance;
  private final Consumer<MaintenanceStep> listener;
  private final Duration every;
  private final LongSupplier clock;
  private final Deque<Runnable> steps = new ArrayDeque<>();
  private long nextRoundMs;
  private long nextOrphansMs;
  private int compactions;

  /**
   * Says when rounds begin, and what they keep.
   *
   * @param every time from the begin of a round to the begin of the next; 0 for no rounds
   * @param keepHistory how long every snapshot is kept
   * @param keepTags how long the snapshots of daily tags are kept; 0 for no tags, also of hours
   */
  public record Policy(Duration every, Duration keepHistory, Duration keepTags) {}

  /**
   * @param listener called with each step when it is done
   * @param clock current time, epoch milliseconds
   */
  public Upkeep(
      SparkSession spark,
      TableNames names,
      Policy policy,
      Consumer<MaintenanceStep> listener,
      LongSupplier clock) {
    this.names = names;
    this.listener = listener;
    this.every = policy.every;
    this.clock = clock;
    this.nextOrphansMs = clock.getAsLong() + FIRST_ORPHANS.toMillis();
    Duration hourly =
        policy.keepTags.compareTo(KEEP_HOURLY_TAGS) < 0 ? policy.keepTags : KEEP_HOURLY_TAGS;
    this.maintenance =
        new Maintenance(
            spark,
            names,
            new Maintenance.Policy(policy.keepHistory, policy.keepTags, hourly, false),
            clock);
  }

  /**
   * Does the next step, if one is due. Runs Spark jobs. After a failure, the rest of the round is
   * left out.
   *
   * @return whether another step is due
   * @throws io.sessionize.Failure broken, if the tables do not belong together; other, if files
   *     could not be compacted
   */
  public boolean step() {
    if (steps.isEmpty()) {
      if (every.isZero() || clock.getAsLong() < nextRoundMs) {
        return false;
      }
      begin();
    }
    boolean done = false;
    try {
      steps.removeFirst().run();
      done = true;
    } finally {
      if (!done) {
        steps.clear();
      }
    }
    return !steps.isEmpty();
  }

  private void begin() {
    long now = clock.getAsLong();
    nextRoundMs = now + every.toMillis();
    compactions = 0;
    List<String> all = List.of(names.sessions(), names.open(), names.rejected());
    steps.add(() -> maintenance.tag(listener));
    all.forEach(table -> steps.add(() -> maintenance.expire(table, listener)));
    for (String table : List.of(names.sessions(), names.rejected())) {
      Map<String, Expression> days = new HashMap<>();
      for (SmallFiles size : SmallFiles.values()) {
        steps.add(() -> compact(table, size, days));
      }
      steps.add(() -> maintenance.compaction(table, listener).rewriteManifests());
    }
    if (now >= nextOrphansMs) {
      nextOrphansMs = now + ORPHANS_EVERY.toMillis();
      all.forEach(table -> steps.add(() -> maintenance.deleteOrphans(table, listener)));
    }
  }

  /** Compacts some files of one day. The next steps do the rest. */
  private void compact(String table, SmallFiles size, Map<String, Expression> days) {
    if (compactions++ >= MAX_COMPACTIONS) {
      return;
    }
    maintenance
        .compaction(table, listener)
        .compactOne(size)
        .ifPresent(
            day -> {
              steps.addFirst(() -> compact(table, size, days));
              if (days.put(day.toString(), day) == null) {
                // Last of all: when the files of the day are compacted.
                steps.addLast(() -> maintenance.compaction(table, listener).rewriteDeletes(day));
              }
            });
  }
}
