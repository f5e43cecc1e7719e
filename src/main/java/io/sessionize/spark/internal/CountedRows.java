package io.sessionize.spark.internal;

import io.sessionize.job.Lateness;
import io.sessionize.job.ReadStats;
import io.sessionize.session.Watermark;
import io.sessionize.spark.DecodeRecords;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * Decoded rows on their way through a task, counted. In plain Java: for an aggregate Spark would
 * generate and compile code, and shuffle, which takes longer than an hour of few events.
 */
public final class CountedRows implements Iterator<InternalRow> {
  private static final int EVENT_TIME = DecodeRecords.SCHEMA.fieldIndex("event_time_ms");
  private static final int PARTITION = DecodeRecords.SCHEMA.fieldIndex("partition");
  private static final int RECORD_TIME = DecodeRecords.SCHEMA.fieldIndex("record_time_ms");
  private static final int REJECTED = DecodeRecords.SCHEMA.fieldIndex("rejected");
  private static final int REASON = DecodeRecords.REJECTED.fieldIndex("reason");
  private static final int REJECTED_RECORD_TIME = DecodeRecords.REJECTED.fieldIndex("record_time");
  private static final long HOUR_MS = Duration.ofHours(1).toMillis();
  private static final long DAY_MS = Duration.ofDays(1).toMillis();

  private final Iterator<InternalRow> rows;
  private final long publishedMs;
  private final long runTimeMs;
  private final Consumer<ReadStats> atTheEnd;
  private long records;
  private long late;
  private long lateByHour;
  private long lateByDay;
  private long newest = Watermark.NONE;
  private final Map<String, Long> rejected = new TreeMap<>();
  private final TreeSet<LocalDate> rejectedDays = new TreeSet<>();
  private final Map<Integer, Long> greatest = new TreeMap<>();
  private boolean told;

  /**
   * @param rows of {@link DecodeRecords#SCHEMA}
   * @param publishedMs the published watermark
   * @param runTimeMs the run's own clock: an event ahead of it is no evidence of time
   * @param atTheEnd told once, after the last row
   */
  CountedRows(
      Iterator<InternalRow> rows, long publishedMs, long runTimeMs, Consumer<ReadStats> atTheEnd) {
    this.rows = rows;
    this.publishedMs = publishedMs;
    this.runTimeMs = runTimeMs;
    this.atTheEnd = atTheEnd;
  }

  @Override
  public boolean hasNext() {
    boolean more = rows.hasNext();
    if (!more && !told) {
      told = true;
      atTheEnd.accept(stats());
    }
    return more;
  }

  @Override
  public InternalRow next() {
    InternalRow row = rows.next();
    records++;
    if (row.isNullAt(REJECTED)) {
      long timeMs = row.getLong(EVENT_TIME);
      late += timeMs < publishedMs ? 1 : 0;
      lateByHour += timeMs <= publishedMs - HOUR_MS ? 1 : 0;
      lateByDay += timeMs <= publishedMs - DAY_MS ? 1 : 0;
      if (timeMs <= runTimeMs) {
        greatest.merge(row.getInt(PARTITION), timeMs, Math::max);
        newest = Math.max(newest, row.getLong(RECORD_TIME));
      }
    } else {
      InternalRow rejection = row.getStruct(REJECTED, DecodeRecords.REJECTED.size());
      rejected.merge(rejection.getUTF8String(REASON).toString(), 1L, Long::sum);
      rejectedDays.add(ReadStats.utcDay(rejection.getLong(REJECTED_RECORD_TIME)));
    }
    return row;
  }

  private ReadStats stats() {
    long events = records - rejected.values().stream().mapToLong(Long::longValue).sum();
    Lateness lateness =
        new Lateness(events - late, late - lateByHour, lateByHour - lateByDay, lateByDay);
    return new ReadStats(records, lateness, rejected, rejectedDays, greatest, newest);
  }
}
