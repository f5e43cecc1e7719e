package io.sessionize.job;

import io.sessionize.offsets.Offsets;
import io.sessionize.session.Watermark;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one batch did, or the batches of one run together. It adds up:
 *
 * <pre>
 *   offsets             = records + empty offsets + lost offsets
 *   records             = events + duplicates + rejected
 *   events + duplicates = on time + late
 * </pre>
 *
 * @param from first offset of each partition
 * @param next next offset of each partition after it
 * @param records read
 * @param events new, copies not counted
 * @param duplicates copies of events known already
 * @param lateness of those events and copies
 * @param rejected records by reason
 * @param opened sessions that were not open before
 * @param closed sessions new in the sessions table
 * @param restated rows of the sessions table changed or gone
 * @param idsChanged of them, those that are gone: a session of another id holds their events now
 * @param open sessions open after it
 * @param damaged rows that it came upon and left as they are, since their events cannot be read; of
 *     several batches the most that one of them did
 * @param watermark after it
 * @param lost offsets that Kafka deleted before they were read, by partition: first, next
 * @param checkpointSetAside where the checkpoint lies now that could not be followed any more; null
 *     where it could
 * @param batches how many were committed
 * @param milliseconds it took
 * @param steps milliseconds by step: {@code read} (and decode), {@code restate}, {@code preview}
 *     (of a backfill), {@code merge} (the sessions), {@code stage} (the open ones), {@code
 *     publish}; without those it had no need of
 */
public record BatchReport(
    Offsets from,
    Offsets next,
    long records,
    long events,
    long duplicates,
    Lateness lateness,
    Map<String, Long> rejected,
    long opened,
    long closed,
    long restated,
    long idsChanged,
    long open,
    long damaged,
    Watermark watermark,
    Map<Integer, List<Long>> lost,
    String checkpointSetAside,
    int batches,
    long milliseconds,
    Map<String, Long> steps) {

  /** Of a run that found nothing to do. */
  static BatchReport nothing(Offsets at, Watermark watermark, long open) {
    return new BatchReport(
        at,
        at,
        0,
        0,
        0,
        Lateness.NONE,
        Map.of(),
        0,
        0,
        0,
        0,
        open,
        0,
        watermark,
        Map.of(),
        null,
        0,
        0,
        Map.of());
  }

  /** Whether nothing was committed. */
  public boolean isNothing() {
    return batches == 0;
  }

  static BatchReport of(
      Input<?> input, ReadStats read, OutcomeStats made, Watermark after, long milliseconds) {
    return new BatchReport(
        input.from(),
        input.next(),
        read.records(),
        made.newEvents(),
        read.events() - made.newEvents(),
        read.lateness(),
        read.rejected(),
        made.opened(),
        made.added(),
        made.changed() + made.removed(),
        made.removed(),
        made.open(),
        made.damaged(),
        after,
        input.lost(),
        null,
        1,
        milliseconds,
        Map.of());
  }

  /** The same, with the time until its commit. */
  BatchReport took(Durations durations) {
    return new BatchReport(
        from,
        next,
        records,
        events,
        duplicates,
        lateness,
        rejected,
        opened,
        closed,
        restated,
        idsChanged,
        open,
        damaged,
        watermark,
        lost,
        checkpointSetAside,
        batches,
        durations.total(),
        durations.steps());
  }

  /** The same of a run that could not follow its checkpoint. */
  BatchReport withCheckpointSetAside(String where) {
    return new BatchReport(
        from,
        next,
        records,
        events,
        duplicates,
        lateness,
        rejected,
        opened,
        closed,
        restated,
        idsChanged,
        open,
        damaged,
        watermark,
        lost,
        where,
        batches,
        milliseconds,
        steps);
  }

  public long rejectedTotal() {
    return rejected.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Events before the watermark that was published when the batch began, copies included. */
  public long late() {
    return lateness.late();
  }

  /** How many offsets it has passed. */
  public long offsets() {
    return next.since(from);
  }

  /**
   * How fast it was, in the words of Spark's streaming progress.
   *
   * @param sinceMilliseconds how long ago the batch before it was done, or the run began
   */
  String throughput(long sinceMilliseconds) {
    return String.format(
        Locale.ROOT,
        "numInputRows=%d inputRowsPerSecond=%.1f processedRowsPerSecond=%.1f processingTime=%d ms",
        records,
        perSecond(sinceMilliseconds),
        perSecond(milliseconds),
        milliseconds);
  }

  private double perSecond(long took) {
    return took == 0 ? 0 : records * 1000.0 / took;
  }

  /** The numbers by name, in the order in which they are told. */
  public Map<String, Long> counts() {
    Map<String, Long> counts = new LinkedHashMap<>();
    long lostOffsets = lost.values().stream().mapToLong(gap -> gap.get(1) - gap.get(0)).sum();
    counts.put("offsets", offsets());
    counts.put("offsets_lost", lostOffsets);
    counts.put("offsets_empty", offsets() - lostOffsets - records);
    counts.put("records", records);
    counts.put("events", events);
    counts.put("duplicates", duplicates);
    counts.put("rejected", rejectedTotal());
    lateness.addTo(counts);
    counts.put("late", late());
    counts.put("beyond_horizon", rejected.getOrDefault("beyond_horizon", 0L));
    counts.put("opened", opened);
    counts.put("closed", closed);
    counts.put("restated", restated);
    counts.put("ids_changed", idsChanged);
    counts.put("open", open);
    counts.put("damaged", damaged);
    return counts;
  }

  /** These and the next batch's as one. */
  public BatchReport then(BatchReport later) {
    Map<String, Long> reasons = new TreeMap<>(rejected);
    later.rejected.forEach((reason, count) -> reasons.merge(reason, count, Long::sum));
    // A partition's gap lies where a run begins to read it: there is one at most.
    Map<Integer, List<Long>> gaps = new TreeMap<>(later.lost);
    gaps.putAll(lost);
    Map<String, Long> both = new LinkedHashMap<>(steps);
    later.steps.forEach((step, took) -> both.merge(step, took, Long::sum));
    return new BatchReport(
        from.orElse(later.from),
        later.next,
        records + later.records,
        events + later.events,
        duplicates + later.duplicates,
        lateness.plus(later.lateness),
        reasons,
        opened + later.opened,
        closed + later.closed,
        restated + later.restated,
        idsChanged + later.idsChanged,
        later.open,
        // A row may have been left by each of them.
        Math.max(damaged, later.damaged),
        later.watermark,
        gaps,
        checkpointSetAside == null ? later.checkpointSetAside : checkpointSetAside,
        batches + later.batches,
        milliseconds + later.milliseconds,
        both);
  }
}
