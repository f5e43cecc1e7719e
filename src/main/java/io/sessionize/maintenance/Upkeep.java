package io.sessionize.maintenance;

import io.sessionize.Failure;
import io.sessionize.Failure.Kind;
import io.sessionize.summary.TableNames;
import io.sessionize.table.StartDays;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.spark.sql.SparkSession;

/**
 * Maintains the tables between the batches of a continuous run, in rounds of short steps. It does
 * what {@link Maintenance} does, but compacts only small files, and tags each hour too. Large files
 * that have many deleted rows are left to {@code maintain}. Between two rounds, it compacts new
 * files after every {@value #MOST_RUNS} runs.
 */
public final class Upkeep {
  private static final Duration KEEP_HOURLY_TAGS = Duration.ofDays(1);
  private static final Duration ORPHANS_EVERY = Duration.ofDays(1);

  /** Not at the start: a process that is started again and again would only look for orphans. */
  private static final Duration FIRST_ORPHANS = Duration.ofHours(1);

  /** Of one table in one round. A backlog of small files is compacted in several rounds. */
  private static final int MAX_COMPACTIONS = 20;

  /**
   * Runs between two compactions of new files. A look-up opens each small file of its days. At a
   * trigger of one second, a round every ten minutes leaves up to 600 of them.
   */
  private static final int MOST_RUNS = 60;

  /**
   * The most steps that compact new files in a row. Two days need two steps, and large files need
   * more.
   */
  private static final int MAX_OF_NEW_FILES = 4;

  /** Failures that the other steps of a round would have too. */
  private static final Set<Kind> OF_ALL_STEPS = Set.of(Kind.UNREACHABLE, Kind.BROKEN);

  private final TableNames names;
  private final Maintenance maintenance;
  private final Consumer<MaintenanceStep> listener;
  private final Duration every;
  private final Function<Throwable, Failure> explain;
  private final LongSupplier clock;
  private final Map<String, Long> nextOrphansMs = new HashMap<>();
  private final Map<String, Compactions> compactions = new LinkedHashMap<>();
  private final Deque<Runnable> steps = new ArrayDeque<>();
  private long nextRoundMs;

  /** Runs since the last round or the last compaction of new files. */
  private int runs;

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
    for (String table : List.of(names.sessions(), names.rejected())) {
      compactions.put(table, new Compactions(table));
    }
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
      begin();
    }
    if (steps.isEmpty()) {
      return false;
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

  /** Adds the steps that are due. */
  private void begin() {
    if (every.isZero()) {
      return;
    }
    if (clock.getAsLong() >= nextRoundMs) {
      runs = 0;
      beginRound();
    } else if (++runs >= MOST_RUNS) {
      runs = 0;
      steps.add(() -> compactions.get(names.sessions()).compactNewFiles(MAX_OF_NEW_FILES));
    }
  }

  private void beginRound() {
    long now = clock.getAsLong();
    nextRoundMs = now + every.toMillis();
    steps.add(() -> maintenance.tag(listener));
    tables().forEach(table -> steps.add(() -> maintenance.expire(table, listener)));
    compactions.values().forEach(Compactions::beginRound);
    tables().stream()
        .filter(table -> now >= nextOrphansMs.get(table))
        .forEach(table -> steps.add(() -> deleteOrphans(table)));
    compactions.values().forEach(each -> steps.add(each::rewriteDeletes));
  }

  private void deleteOrphans(String table) {
    maintenance.deleteOrphans(table, listener);
    nextOrphansMs.put(table, clock.getAsLong() + ORPHANS_EVERY.toMillis());
  }

  private List<String> tables() {
    return List.of(names.sessions(), names.open(), names.rejected());
  }

  /** The compactions of one table. */
  private final class Compactions {
    private final String table;

    /** Days that were compacted. Some of their delete files may delete nothing any more. */
    private final Map<String, Expression> days = new HashMap<>();

    private int ofRound;

    Compactions(String table) {
      this.table = table;
    }

    void beginRound() {
      ofRound = 0;
      for (SmallFiles size : SmallFiles.values()) {
        steps.add(() -> next(size));
      }
      steps.add(() -> compaction().rewriteManifests());
    }

    /** Compacts some files of one day. The next steps do the rest. */
    private void next(SmallFiles size) {
      if (ofRound >= MAX_COMPACTIONS) {
        return;
      }
      ofRound++;
      if (compact(size, Expressions.alwaysTrue())) {
        steps.addFirst(() -> next(size));
      }
    }

    /**
     * Compacts small files of sessions that started yesterday or today. Each step compacts one day.
     * A next step follows while there is more. A round does all days.
     */
    private void compactNewFiles(int most) {
      long now = clock.getAsLong();
      StartDays recent = new StartDays();
      recent.add(now - TimeUnit.DAYS.toMillis(1), now);
      if (compact(SmallFiles.OF_BATCHES, recent.filter()) && most > 1) {
        steps.addFirst(() -> compactNewFiles(most - 1));
      }
    }

    private boolean compact(SmallFiles size, Expression among) {
      Optional<Expression> day = compaction().compactOne(size, among);
      day.ifPresent(compacted -> days.put(compacted.toString(), compacted));
      return day.isPresent();
    }

    /** Rewrites the delete files of the days that were compacted, each in a step. */
    void rewriteDeletes() {
      Map.copyOf(days).forEach((key, day) -> steps.add(() -> rewriteDeletes(key, day)));
    }

    private void rewriteDeletes(String key, Expression day) {
      compaction().rewriteDeletes(day);
      days.remove(key);
    }

    private Compaction compaction() {
      return maintenance.compaction(table, listener);
    }
  }
}
