package io.sessionize.job;

import io.sessionize.session.Watermark;
import java.io.Serializable;
import java.time.LocalDate;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a batch's decoded records show, a few numbers per partition and reason.
 *
 * @param records read
 * @param lateness of the records that hold an event, against the published watermark
 * @param rejected records by reason
 * @param rejectedDays UTC days of the rejected records' Kafka timestamps
 * @param greatest the greatest event time of each partition that had an event not ahead of the
 *     run's clock, epoch milliseconds
 * @param newestRecordMs the newest Kafka timestamp of a record that held one of these
 */
public record ReadStats(
    long records,
    Lateness lateness,
    Map<String, Long> rejected,
    TreeSet<LocalDate> rejectedDays,
    Map<Integer, Long> greatest,
    long newestRecordMs)
    implements Serializable {

  public static final ReadStats NOTHING =
      new ReadStats(0, Lateness.NONE, Map.of(), new TreeSet<>(), Map.of(), Watermark.NONE);

  public ReadStats plus(ReadStats other) {
    TreeMap<String, Long> allRejected = new TreeMap<>(rejected);
    other.rejected.forEach((reason, count) -> allRejected.merge(reason, count, Long::sum));
    TreeSet<LocalDate> allDays = new TreeSet<>(rejectedDays);
    allDays.addAll(other.rejectedDays);
    TreeMap<Integer, Long> allGreatest = new TreeMap<>(greatest);
    other.greatest.forEach((partition, time) -> allGreatest.merge(partition, time, Math::max));
    return new ReadStats(
        records + other.records,
        lateness.plus(other.lateness),
        allRejected,
        allDays,
        allGreatest,
        Math.max(newestRecordMs, other.newestRecordMs));
  }

  /** Records that hold an event, copies included. */
  public long events() {
    return records - rejectedTotal();
  }

  public long rejectedTotal() {
    return rejected.values().stream().mapToLong(Long::longValue).sum();
  }
}
