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
 * @param records read
 * @param lateness of the records that hold an event, against the published watermark
 * @param rejected records by reason
 * @param rejectedOffsets from the first to the last rejected record of each partition
 * @param greatest the greatest event time of each partition, epoch milliseconds; only events that
 *     are not ahead of the run's clock count
 * @param newestRecordMs the newest Kafka timestamp of a record with such an event
 */
public record ReadStats(
    long records,
    Lateness lateness,
    Map<String, Long> rejected,
    OffsetRange rejectedOffsets,
    Map<Partition, Long> greatest,
    long newestRecordMs)
    implements Serializable {

  /** The counts of no record. */
  public static final ReadStats NOTHING =
      new ReadStats(0, Lateness.NONE, Map.of(), OffsetRange.NONE, Map.of(), Watermark.NONE);

  /** The sum of both. */
  public ReadStats plus(ReadStats other) {
    TreeMap<String, Long> allRejected = new TreeMap<>(rejected);
    other.rejected.forEach((reason, count) -> allRejected.merge(reason, count, Long::sum));
    TreeMap<Partition, Long> allGreatest = new TreeMap<>(greatest);
    other.greatest.forEach((partition, time) -> allGreatest.merge(partition, time, Math::max));
    return new ReadStats(
        records + other.records,
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

  /** Records that hold an event, copies included. */
  public long events() {
    return records - rejectedTotal();
  }

  public long rejectedTotal() {
    return rejected.values().stream().mapToLong(Long::longValue).sum();
  }
}
