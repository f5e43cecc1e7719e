package io.sessionize.continuous;

import io.sessionize.job.BatchReport;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/** Measures how fast the batches of a loop are, and whether the loop keeps up. */
final class Pace {
  private static final long WINDOW_MS = Duration.ofHours(1).toMillis();

  /** Runs in a row that must take longer than the trigger: fewer may be chance. */
  private static final int LONG_RUNS = 3;

  /** So many backlogs are compared. A growth by one percent from run to run doubles within them. */
  private static final int BACKLOGS = 100;

  /** Smaller backlogs are ignored: they double by chance. */
  private static final long MANY = 100;

  private static final double GROWN = 2;
  private static final double STEADY = 1.2;

  private final Duration trigger;

  /** Those of the last hour, and the last one, however old. */
  private final Deque<Batch> batches = new ArrayDeque<>();

  private final Deque<Long> backlogs = new ArrayDeque<>();
  private Long backlog;
  private long fromMs;
  private int longRuns;
  private boolean delayed;
  private boolean behind;

  /**
   * A committed batch.
   *
   * @param atMs when it was committed, epoch milliseconds
   * @param latency from the earliest timestamp of its records to the commit; empty if it has none
   */
  private record Batch(long atMs, long milliseconds, Optional<Duration> latency, long offsets) {}

  Pace(Duration trigger) {
    this.trigger = trigger;
  }

  /**
   * Notes what waits when a run begins to read.
   *
   * @param offsets how many offsets it will read
   */
  void planned(long offsets) {
    backlog = offsets;
    if (longRuns == 0) {
      backlogs.clear();
    }
    if (delayed) {
      delayed = false;
      return;
    }
    backlogs.addLast(offsets);
    if (backlogs.size() > BACKLOGS) {
      backlogs.removeFirst();
    }
    long last =
        backlogs.stream()
            .skip(Math.max(0, backlogs.size() - LONG_RUNS))
            .mapToLong(n -> n)
            .min()
            .orElse(0);
    behind =
        longRuns >= LONG_RUNS
            && last >= MANY
            && last >= lowerQuartile() * (behind ? STEADY : GROWN);
  }

  /**
   * A quarter of the backlogs are smaller. The smallest one may be that of a moment without
   * traffic.
   */
  private long lowerQuartile() {
    return backlogs.stream().sorted().skip(backlogs.size() / 4).findFirst().orElse(0L);
  }

  /** Notes a committed batch. */
  void batch(BatchReport did, long nowMs) {
    batches.addLast(
        new Batch(
            nowMs,
            did.time().milliseconds(),
            did.read().decoded().waitedAt(nowMs),
            did.read().offsets()));
    forget(nowMs);
  }

  /** Forgets the batches that are older than an hour. A topic may have had no event since. */
  void forget(long nowMs) {
    fromMs = nowMs - WINDOW_MS;
    while (batches.size() > 1 && batches.getFirst().atMs < fromMs) {
      batches.removeFirst();
    }
  }

  /** Notes a wait: what comes meanwhile says nothing about the speed. */
  void waits() {
    longRuns = 0;
    behind = false;
  }

  /** Notes that other work delays the next run: its backlog says nothing about the speed. */
  void delayed() {
    delayed = true;
  }

  /** Notes a run that has ended, after any number of batches. */
  void ended(Duration took) {
    longRuns = took.compareTo(trigger) > 0 ? longRuns + 1 : 0;
  }

  /**
   * Whether runs take longer than the trigger, several times in a row, and the backlog has grown
   * meanwhile.
   */
  boolean isBehind() {
    return behind;
  }

  /** Returns the offsets that waited when the last run began; empty before the first run. */
  Optional<Long> backlog() {
    return Optional.ofNullable(backlog);
  }

  /**
   * Returns how long the backlog takes at the speed of the last hour, or of the last batch; empty
   * if not known.
   */
  Optional<Duration> backlogTime() {
    long offsets = sum(Batch::offsets);
    return offsets == 0
        ? Optional.empty()
        : backlog()
            .map(waiting -> (double) waiting * sum(Batch::milliseconds) / offsets)
            .map(milliseconds -> Duration.ofMillis(milliseconds.longValue()));
  }

  /** Returns the duration of the last batch. */
  Optional<Duration> lastBatch() {
    return last().map(batch -> Duration.ofMillis(batch.milliseconds));
  }

  /** Returns the longest duration of a batch of the last hour; empty if it has none. */
  Optional<Duration> longestBatch() {
    return ofLastHour().map(Batch::milliseconds).max(Long::compare).map(Duration::ofMillis);
  }

  /** Returns the latency of the last batch that has records. */
  Optional<Duration> lastLatency() {
    return batches.stream()
        .flatMap(batch -> batch.latency.stream())
        .reduce((earlier, later) -> later);
  }

  /** Returns the greatest latency of the last hour; empty if it has none. */
  Optional<Duration> greatestLatency() {
    return ofLastHour().flatMap(batch -> batch.latency.stream()).max(Duration::compareTo);
  }

  /** Returns the time of the last commit. */
  Optional<Instant> lastCommit() {
    return last().map(batch -> Instant.ofEpochMilli(batch.atMs));
  }

  private Stream<Batch> ofLastHour() {
    return batches.stream().filter(batch -> batch.atMs >= fromMs);
  }

  private Optional<Batch> last() {
    return Optional.ofNullable(batches.peekLast());
  }

  private long sum(ToLongFunction<Batch> number) {
    return batches.stream().mapToLong(number).sum();
  }
}
