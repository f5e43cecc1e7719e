package io.sessionize.job;

import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Partition;
import io.sessionize.session.Watermark;
import io.sessionize.summary.Base;
import java.io.Serializable;
import java.util.Map;
import java.util.TreeMap;

/**
 * Counts of a batch's decoded records.
 *
 * @param counts of the records
 * @param lateness of the events that are not filtered, against the published watermark
 * @param rejected records by reason
 * @param rejectedOffsets from the first to the last rejected record of each partition
 * @param greatest the greatest event time of each partition, epoch milliseconds; only events that
 *     are not ahead of the run's clock count
 * @param newestRecordMs the newest Kafka timestamp of a record with such an event; filtered ones
 *     count
 */
public record ReadStats(
    RecordCounts counts,
    Lateness lateness,
    Map<String, Long> rejected,
    OffsetRange rejectedOffsets,
    Map<Partition, Long> greatest,
    long newestRecordMs)
    implements Serializable {

  /** The counts of no record. */
  public static final ReadStats NOTHING =
      new ReadStats(
          RecordCounts.NONE, Lateness.NONE, Map.of(), OffsetRange.NONE, Map.of(), Watermark.NONE);

  /** Records read. */
  public long records() {
    return counts.records();
  }

  /** The sum of both. */
  public ReadStats plus(ReadStats other) {
    TreeMap<String, Long> allRejected = new TreeMap<>(rejected);
    other.rejected.forEach((reason, count) -> allRejected.merge(reason, count, Long::sum));
    TreeMap<Partition, Long> allGreatest = new TreeMap<>(greatest);
    other.greatest.forEach((partition, time) -> allGreatest.merge(partition, time, Math::max));
    return new ReadStats(
        counts.plus(other.counts),
        lateness.plus(other.lateness),
        allRejected,
        new OffsetRange(
            least(rejectedOffsets.from(), other.rejectedOffsets.from()),
            rejectedOffsets.to().atLeast(other.rejectedOffsets.to())),
        allGreatest,
        Math.max(newestRecordMs, other.newestRecordMs));
  }

  private static Offsets least(Offsets some, Offsets others) {
    TreeMap<Partition, Long> least = new TreeMap<>(some.next());
    others.next().forEach((partition, offset) -> least.merge(partition, offset, Math::min));
    return new Offsets(least);
  }

  /** Whether a batch of these records may change published rows, so that they must be looked up. */
  public boolean needsLookUp(Base base) {
    return lateness.late() > 0 || base.progress().openPublished() > 0 || base.outOfSync();
  }

  /** Events that are not filtered, copies included. */
  public long events() {
    return counts.elements() - counts.filtered() - rejectedTotal();
  }

  public long rejectedTotal() {
    return rejected.values().stream().mapToLong(Long::longValue).sum();
  }
}
