package io.sessionize.pipeline;

import io.sessionize.event.DecodeRecords;
import io.sessionize.session.Watermark;
import java.io.Serializable;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.DateTimeUtils;

/**
 * What a batch's decoded records show, a few numbers per partition and reason.
 *
 * @param records read
 * @param lateness of the records that hold an event, against the published watermark
 * @param rejected records by reason
 * @param rejectedDays UTC days of the rejected records' Kafka timestamps
 * @param greatest the greatest event time of each partition that had any event, epoch milliseconds
 * @param newestRecordMs the newest Kafka timestamp of a record that held an event
 */
record ReadStats(
    long records,
    Lateness lateness,
    Map<String, Long> rejected,
    TreeSet<LocalDate> rejectedDays,
    Map<Integer, Long> greatest,
    long newestRecordMs)
    implements Serializable {

  private static final int EVENT_TIME = DecodeRecords.SCHEMA.fieldIndex("event_time_ms");
  private static final int PARTITION = DecodeRecords.SCHEMA.fieldIndex("partition");
  private static final int RECORD_TIME = DecodeRecords.SCHEMA.fieldIndex("record_time_ms");
  private static final int REJECTED = DecodeRecords.SCHEMA.fieldIndex("rejected");
  private static final int REASON = DecodeRecords.REJECTED.fieldIndex("reason");
  private static final int REJECTED_RECORD_TIME = DecodeRecords.REJECTED.fieldIndex("record_time");
  private static final long HOUR_MS = Duration.ofHours(1).toMillis();
  private static final long DAY_MS = Duration.ofDays(1).toMillis();

  static final ReadStats NOTHING =
      new ReadStats(0, Lateness.NONE, Map.of(), new TreeSet<>(), Map.of(), Watermark.NONE);

  /**
   * One pass over the decoded records. In plain Java: for an aggregate Spark would generate and
   * compile code, and shuffle, which takes longer than an hour of few events.
   */
  static ReadStats of(Dataset<Row> decoded, long publishedMs) {
    return decoded
        .queryExecution()
        .toRdd()
        .toJavaRDD()
        .mapPartitions(rows -> List.of(of(rows, publishedMs)).iterator())
        .fold(NOTHING, ReadStats::plus);
  }

  private static ReadStats of(Iterator<InternalRow> rows, long publishedMs) {
    long records = 0;
    long late = 0;
    long lateByHour = 0;
    long lateByDay = 0;
    long newest = Watermark.NONE;
    TreeMap<String, Long> rejected = new TreeMap<>();
    TreeSet<LocalDate> rejectedDays = new TreeSet<>();
    TreeMap<Integer, Long> greatest = new TreeMap<>();
    while (rows.hasNext()) {
      InternalRow row = rows.next();
      records++;
      if (row.isNullAt(REJECTED)) {
        long timeMs = row.getLong(EVENT_TIME);
        late += timeMs < publishedMs ? 1 : 0;
        lateByHour += timeMs <= publishedMs - HOUR_MS ? 1 : 0;
        lateByDay += timeMs <= publishedMs - DAY_MS ? 1 : 0;
        newest = Math.max(newest, row.getLong(RECORD_TIME));
        greatest.merge(row.getInt(PARTITION), timeMs, Math::max);
      } else {
        InternalRow rejection = row.getStruct(REJECTED, DecodeRecords.REJECTED.size());
        rejected.merge(rejection.getUTF8String(REASON).toString(), 1L, Long::sum);
        rejectedDays.add(utcDay(rejection.getLong(REJECTED_RECORD_TIME)));
      }
    }
    long events = records - rejected.values().stream().mapToLong(Long::longValue).sum();
    Lateness lateness =
        new Lateness(events - late, late - lateByHour, lateByHour - lateByDay, lateByDay);
    return new ReadStats(records, lateness, rejected, rejectedDays, greatest, newest);
  }

  private ReadStats plus(ReadStats other) {
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
  long events() {
    return records - rejectedTotal();
  }

  long rejectedTotal() {
    return rejected.values().stream().mapToLong(Long::longValue).sum();
  }

  /** The day of a time as Spark has it, in microseconds. */
  static LocalDate utcDay(long timeMicros) {
    return LocalDate.ofEpochDay(DateTimeUtils.microsToDays(timeMicros, ZoneOffset.UTC));
  }
}
