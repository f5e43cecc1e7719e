package io.sessionize.audit;

import io.sessionize.history.Commit;
import io.sessionize.history.History;
import io.sessionize.summary.RunSummary;
import io.sessionize.summary.RunSummary.Settings;
import io.sessionize.summary.Work;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How fast the batches of runs were, as the summaries of the staging table show. What they do not
 * show is empty: the clock of a run may have been given, and a batch may have no record.
 *
 * @param last duration of the last batch
 * @param longest the longest duration of a batch in the hour before the last commit
 * @param latency of the last batch that read records: from the earliest of their Kafka timestamps
 *     to the commit that readers see
 * @param greatestLatency of a batch in that hour
 * @param offsetsPerSecond offsets that the batches of that hour have read, in a second of their
 *     work
 */
public record RecentBatches(
    Optional<Duration> last,
    Optional<Duration> longest,
    Optional<Duration> latency,
    Optional<Duration> greatestLatency,
    Optional<Double> offsetsPerSecond) {

  private static final Duration WINDOW = Duration.ofHours(1);
  private static final double MILLISECONDS = 1000.0;

  /** A batch that took longer than this had a clock of its own. */
  private static final Duration LONGEST = Duration.ofDays(1);

  private record Batch(Optional<Duration> took, Optional<Duration> latency, long offsets) {}

  /** Reads the last batches of the history. */
  public static RecentBatches of(History history) {
    List<Commit> runs = history.staging().stream().filter(RecentBatches::isOfRun).toList();
    if (runs.isEmpty()) {
      return of(List.<Batch>of());
    }
    Instant from = runs.get(runs.size() - 1).at().minus(WINDOW);
    return of(
        runs.stream()
            .filter(commit -> !commit.at().isBefore(from))
            .map(RecentBatches::batch)
            .toList());
  }

  private static RecentBatches of(List<Batch> batches) {
    List<Batch> timed = batches.stream().filter(batch -> batch.took.isPresent()).toList();
    long work = timed.stream().mapToLong(batch -> batch.took.orElseThrow().toMillis()).sum();
    long offsets = timed.stream().mapToLong(Batch::offsets).sum();
    List<Duration> latencies =
        batches.stream().map(Batch::latency).flatMap(Optional::stream).toList();
    return new RecentBatches(
        timed.isEmpty() ? Optional.empty() : timed.get(timed.size() - 1).took,
        timed.stream().map(batch -> batch.took.orElseThrow()).max(Duration::compareTo),
        latencies.stream().reduce((earlier, later) -> later),
        latencies.stream().max(Duration::compareTo),
        work == 0 || offsets == 0 ? Optional.empty() : Optional.of(offsets * MILLISECONDS / work));
  }

  private static boolean isOfRun(Commit commit) {
    return commit.isOfRun()
        && commit.summary().filter(summary -> summary.work().equals(Work.RUN)).isPresent();
  }

  private static Batch batch(Commit commit) {
    RunSummary summary = commit.summary().orElseThrow();
    Optional<Duration> took =
        since(summary.settings().map(Settings::clockMs), commit.at()).filter(RecentBatches::isReal);
    Optional<Long> waitedMs = Optional.ofNullable(summary.counts().get("milliseconds_waited"));
    return new Batch(
        took, took.flatMap(time -> waitedMs.map(time::plusMillis)), summary.count("offsets"));
  }

  private static Optional<Duration> since(Optional<Long> epochMs, Instant at) {
    return epochMs
        .map(ms -> Duration.between(Instant.ofEpochMilli(ms), at))
        .filter(time -> !time.isNegative());
  }

  private static boolean isReal(Duration took) {
    return took.compareTo(LONGEST) <= 0;
  }

  /** How long this many offsets take at the speed of the last batches. */
  public Optional<Duration> timeFor(long offsets) {
    return offsetsPerSecond.map(
        speed -> Duration.ofMillis((long) (offsets * MILLISECONDS / speed)));
  }
}
