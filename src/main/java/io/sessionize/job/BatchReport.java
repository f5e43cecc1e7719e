package io.sessionize.job;

import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Watermark;
import io.sessionize.summary.Work;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Counts and times of one batch, or of all batches of one run. These sums hold:
 *
 * <pre>
 *   offsets             = records + empty offsets + lost offsets
 *   records             = events + duplicates + rejected
 *   events + duplicates = on time + late     of a run
 * </pre>
 *
 * @param read counts of records and events
 * @param sessions counts of sessions
 * @param watermark after the batch
 * @param checkpointSetAside where the checkpoint was moved, if it could not be used
 * @param batches number of committed batches
 * @param time wall time
 */
public record BatchReport(
    Read read,
    Sessions sessions,
    Watermark watermark,
    Optional<String> checkpointSetAside,
    int batches,
    Time time) {

  /**
   * Counts of records and events.
   *
   * @param from first offset of each partition
   * @param next next offset of each partition after the batch
   * @param lost offsets that Kafka had deleted before they were read
   * @param decoded counts of the records
   * @param events new events, without copies
   * @param duplicates copies of known events
   * @param conflictingCopies copies that were dropped for another content of the same definition;
   *     each belongs to one of the duplicates
   * @param lateness of the events and their copies; null for a backfill or a recompute, which
   *     process old events on purpose
   * @param rejected records by reason
   */
  public record Read(
      Offsets from,
      Offsets next,
      OffsetRange lost,
      RecordCounts decoded,
      long events,
      long duplicates,
      long conflictingCopies,
      Lateness lateness,
      Map<String, Long> rejected) {

    /** The number of offsets in the range. */
    public long offsets() {
      return next.since(from);
    }

    /** Records read. */
    public long records() {
      return decoded.records();
    }

    /** Whether there was an event, new or known. */
    public boolean hasEvents() {
      return events + duplicates > 0;
    }

    public long rejectedTotal() {
      return rejected.values().stream().mapToLong(Long::longValue).sum();
    }

    private Read then(Read later) {
      Map<String, Long> reasons = new TreeMap<>(rejected);
      later.rejected.forEach((reason, count) -> reasons.merge(reason, count, Long::sum));
      return new Read(
          from.orElse(later.from),
          later.next,
          // A run loses offsets only where it begins to read a partition, so at most once.
          lost.and(later.lost),
          decoded.plus(later.decoded),
          events + later.events,
          duplicates + later.duplicates,
          conflictingCopies + later.conflictingCopies,
          lateness == null || later.lateness == null ? null : lateness.plus(later.lateness),
          reasons);
    }
  }

  /**
   * Counts of sessions.
   *
   * @param opened sessions that were not open before
   * @param added rows added to the sessions table
   * @param changed rows of the sessions table that changed
   * @param removed rows removed from the sessions table, since a session with another id has their
   *     events now
   * @param open sessions open after the batch
   * @param damaged damaged rows that stay unchanged; for several batches the greatest of their
   *     numbers
   * @param failedColumns values of session columns that are null since their expression failed
   */
  public record Sessions(
      long opened,
      long added,
      long changed,
      long removed,
      long open,
      long damaged,
      long failedColumns) {

    /** Counts of sessions of which no value has failed. */
    public Sessions(long opened, long added, long changed, long removed, long open, long damaged) {
      this(opened, added, changed, removed, open, damaged, 0);
    }

    /** Rows of the sessions table that were added, changed or removed. */
    public long changes() {
      return added + changed + removed;
    }

    private Sessions then(Sessions later) {
      return new Sessions(
          opened + later.opened,
          added + later.added,
          changed + later.changed,
          removed + later.removed,
          later.open,
          // Each batch may have found the same rows.
          Math.max(damaged, later.damaged),
          failedColumns + later.failedColumns);
    }
  }

  /**
   * Wall time.
   *
   * @param milliseconds in all
   * @param steps milliseconds by step: {@code read} (and decode), {@code restate}, {@code preview}
   *     (of a backfill), {@code merge} (closed sessions), {@code stage} (open sessions), {@code
   *     publish}; without steps that were not needed
   */
  public record Time(long milliseconds, Map<String, Long> steps) {

    private Time then(Time later) {
      Map<String, Long> both = new LinkedHashMap<>(steps);
      later.steps.forEach((step, took) -> both.merge(step, took, Long::sum));
      return new Time(milliseconds + later.milliseconds, both);
    }
  }

  /** The report of a run that committed nothing. */
  static BatchReport nothing(Offsets at, Watermark watermark, long open) {
    return new BatchReport(
        new Read(at, at, OffsetRange.NONE, RecordCounts.NONE, 0, 0, 0, Lateness.NONE, Map.of()),
        new Sessions(0, 0, 0, 0, open, 0),
        watermark,
        Optional.empty(),
        0,
        new Time(0, Map.of()));
  }

  /** The report of a batch before its commit. */
  static BatchReport of(
      Input<?> input, ReadStats read, OutcomeStats made, Watermark after, Durations durations) {
    return new BatchReport(
        new Read(
            input.from(),
            input.next(),
            input.lost(),
            read.counts().plus(RecordCounts.ofFailed(made.failedConditions())),
            made.newEvents(),
            read.events() - made.newEvents(),
            made.conflictingCopies(),
            input.work().equals(Work.RUN) ? read.lateness() : null,
            read.rejected()),
        new Sessions(
            made.opened(),
            made.added(),
            made.changed(),
            made.removed(),
            made.open(),
            made.damaged(),
            made.failedColumns()),
        after,
        Optional.empty(),
        1,
        durations.time());
  }

  /** Whether nothing was committed. */
  public boolean isNothing() {
    return batches == 0;
  }

  /** The same report with the time until the commit. */
  BatchReport took(Durations durations) {
    return new BatchReport(
        read, sessions, watermark, checkpointSetAside, batches, durations.time());
  }

  /** The same report of a command that reads no offsets. Others may have moved them meanwhile. */
  BatchReport withoutOffsets() {
    Offsets at = read.next();
    return new BatchReport(
        new Read(
            at,
            at,
            OffsetRange.NONE,
            read.decoded(),
            read.events(),
            read.duplicates(),
            read.conflictingCopies(),
            read.lateness(),
            read.rejected()),
        sessions,
        watermark,
        checkpointSetAside,
        batches,
        time);
  }

  /** The same report of a run that could not use its checkpoint. */
  BatchReport withCheckpointSetAside(Optional<String> where) {
    return new BatchReport(read, sessions, watermark, where, batches, time);
  }

  /** This batch and a later one together. */
  public BatchReport then(BatchReport later) {
    return new BatchReport(
        read.then(later.read),
        sessions.then(later.sessions),
        later.watermark,
        checkpointSetAside.or(later::checkpointSetAside),
        batches + later.batches,
        time.then(later.time));
  }

  /**
   * The speed, with the names of Spark's streaming progress.
   *
   * @param sinceMilliseconds time since the previous batch ended or the run began
   */
  String throughput(long sinceMilliseconds) {
    return String.format(
        Locale.ROOT,
        "numInputRows=%d inputRowsPerSecond=%.1f processedRowsPerSecond=%.1f processingTime=%d ms",
        read.records(),
        perSecond(sinceMilliseconds),
        perSecond(time.milliseconds()),
        time.milliseconds());
  }

  private double perSecond(long took) {
    return took == 0 ? 0 : read.records() * 1000.0 / took;
  }

  /** The numbers by name, in the order in which they are printed. */
  public Map<String, Long> counts() {
    Map<String, Long> counts = new LinkedHashMap<>();
    counts.put("offsets", read.offsets());
    counts.put("offsets_lost", read.lost().size());
    // A retry reads records without offsets of its own.
    long records = read.records();
    counts.put("offsets_empty", Math.max(0, read.offsets() - read.lost().size() - records));
    counts.put("records", records);
    counts.put("elements", read.decoded().elements());
    counts.put("events", read.events());
    counts.put("duplicates", read.duplicates());
    counts.put("conflicting_copies", read.conflictingCopies());
    counts.put("filtered", read.decoded().filtered());
    counts.put("unfit", read.decoded().unfit());
    counts.put("failed_conditions", read.decoded().failed());
    counts.put("rejected", read.rejectedTotal());
    if (read.lateness() != null) {
      read.lateness().addTo(counts);
      counts.put("late", read.lateness().late());
    }
    counts.put("beyond_horizon", read.rejected().getOrDefault("beyond_horizon", 0L));
    counts.put("opened", sessions.opened());
    counts.put("sessions_added", sessions.added());
    counts.put("sessions_changed", sessions.changed());
    counts.put("sessions_removed", sessions.removed());
    counts.put("open", sessions.open());
    counts.put("damaged", sessions.damaged());
    counts.put("failed_columns", sessions.failedColumns());
    return counts;
  }
}
