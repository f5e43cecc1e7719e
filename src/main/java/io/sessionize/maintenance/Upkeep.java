package io.sessionize.maintenance;

import io.sessionize.Failure;
import io.sessionize.Failure.Kind;
import io.sessionize.summary.TableNames;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
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

  /** Of one table in one round. A backlog of small files is compacted in several rounds. */
  private static final int MAX_COMPACTIONS = 20;

  /** Failures that the other steps of a round would have too. */
  private static final Set<Kind> OF_ALL_STEPS = Set.of(Kind.UNREACHABLE, Kind.BROKEN);

  private final TableNames names;
  private final Maintenance maintenance;
  private final Consumer<MaintenanceStep> listener;
  private final Duration every;
  private final Function<Throwable, Failure> explain;
  private final LongSupplier clock;
  private final Map<String, Long> nextOrphansMs = new HashMap<>();
  private final Deque<Runnable> steps = new ArrayDeque<>();
  private long nextRoundMs;

  /**
   * Interval and retention of the maintenance.
   *
   * @param every time from the start of a round to the start of the next; 0 for no rounds
   * @param keepHistory how long every snapshot is kept
   * @param keepTags how long the snapshots of daily tags are kept; 0 for no tags, also of hours
   */
  public record Policy(Duration every, Duration keepHistory, Duration keepTags) {}

  /**
   * @param listener called with each step when it is done
   * @param explain converts an exception to a failure with its kind
   * @param clock current time, epoch milliseconds
   */
  public Upkeep(
      SparkSession spark,
      TableNames names,
      Policy policy,
      Consumer<MaintenanceStep> listener,
      Function<Throwable, Failure> explain,
      LongSupplier clock) {
    this.names = names;
    this.listener = listener;
    this.every = policy.every;
    this.explain = explain;
    this.clock = clock;
    tables()
        .forEach(table -> nextOrphansMs.put(table, clock.getAsLong() + FIRST_ORPHANS.toMillis()));
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
   * Does the next step, if one is due. Runs Spark jobs. A step that fails is left out of the round.
   * If a service is away or the tables are broken, the rest of the round is left out too.
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
    try {
      steps.removeFirst().run();
    } catch (Exception e) {
      if (OF_ALL_STEPS.contains(explain.apply(e).kind())) {
        steps.clear();
      }
      throw e;
    }
    return !steps.isEmpty();
  }

  private void begin() {
    long now = clock.getAsLong();
    nextRoundMs = now + every.toMillis();
    steps.add(() -> maintenance.tag(listener));
    tables().forEach(table -> steps.add(() -> maintenance.expire(table, listener)));
    for (String table : List.of(names.sessions(), names.rejected())) {
      Compactions compactions = new Compactions(table);
      for (SmallFiles size : SmallFiles.values()) {
        steps.add(() -> compactions.next(size));
      }
      steps.add(() -> maintenance.compaction(table, listener).rewriteManifests());
    }
    tables().stream()
        .filter(table -> now >= nextOrphansMs.get(table))
        .forEach(table -> steps.add(() -> deleteOrphans(table)));
  }

  private void deleteOrphans(String table) {
    maintenance.deleteOrphans(table, listener);
    nextOrphansMs.put(table, clock.getAsLong() + ORPHANS_EVERY.toMillis());
  }

  private List<String> tables() {
    return List.of(names.sessions(), names.open(), names.rejected());
  }

  /** The compactions of one table in one round. */
  private final class Compactions {
    private final String table;
    private final Set<String> days = new HashSet<>();
    private int done;

    Compactions(String table) {
      this.table = table;
    }

    /** Compacts some files of one day. The next steps do the rest. */
    void next(SmallFiles size) {
      if (done >= MAX_COMPACTIONS) {
        return;
      }
      done++;
      maintenance.compaction(table, listener).compactOne(size).ifPresent(day -> then(day, size));
    }

    private void then(Expression day, SmallFiles size) {
      steps.addFirst(() -> next(size));
      if (days.add(day.toString())) {
        // Last of all: when the files of the day are compacted.
        steps.addLast(() -> maintenance.compaction(table, listener).rewriteDeletes(day));
      }
    }
  }
}
