package io.sessionize.spark.internal;

import io.sessionize.job.Lateness;
import io.sessionize.job.ReadStats;
import io.sessionize.row.DecodedRows;
import io.sessionize.row.EventRows;
import io.sessionize.session.Watermark;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * Passes decoded rows through and counts them. It is plain Java: for an aggregate Spark generates
 * and compiles code and shuffles, which takes longer than an hour with few events.
 */
public final class CountingRows implements Iterator<InternalRow> {
  private static final int EVENT_TIME = DecodedRows.EVENT + EventRows.EVENT_TIME_MS;
  private static final int REASON = DecodedRows.REJECTION.fieldIndex("reason");
  private static final int REJECTED_RECORD_TIME = DecodedRows.REJECTION.fieldIndex("record_time");
  private static final long MICROS_PER_DAY = Duration.ofDays(1).toMillis() * 1_000;
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
  private boolean ended;

  /**
   * @param rows of {@link DecodedRows#SCHEMA}
   * @param publishedMs the published watermark
   * @param runTimeMs the run's own clock: an event ahead of it is no evidence of time
   * @param atTheEnd called once, after the last row
   */
  CountingRows(
      Iterator<InternalRow> rows, long publishedMs, long runTimeMs, Consumer<ReadStats> atTheEnd) {
    this.rows = rows;
    this.publishedMs = publishedMs;
    this.runTimeMs = runTimeMs;
    this.atTheEnd = atTheEnd;
  }

  @Override
  public boolean hasNext() {
    boolean more = rows.hasNext();
    if (!more && !ended) {
      ended = true;
      atTheEnd.accept(stats());
    }
    return more;
  }

  @Override
  public InternalRow next() {
    InternalRow row = rows.next();
    records++;
    if (row.isNullAt(DecodedRows.REJECTED)) {
      long timeMs = row.getLong(EVENT_TIME);
      late += timeMs < publishedMs ? 1 : 0;
      lateByHour += timeMs <= publishedMs - HOUR_MS ? 1 : 0;
      lateByDay += timeMs <= publishedMs - DAY_MS ? 1 : 0;
      if (timeMs <= runTimeMs) {
        greatest.merge(row.getInt(DecodedRows.PARTITION), timeMs, Math::max);
        newest = Math.max(newest, row.getLong(DecodedRows.RECORD_TIME_MS));
      }
    } else {
      InternalRow rejection = row.getStruct(DecodedRows.REJECTED, DecodedRows.REJECTION.size());
      rejected.merge(rejection.getUTF8String(REASON).toString(), 1L, Long::sum);
      rejectedDays.add(utcDay(rejection.getLong(REJECTED_RECORD_TIME)));
    }
    return row;
  }

  /** The UTC day of a time in microseconds. */
  static LocalDate utcDay(long timeMicros) {
    return LocalDate.ofEpochDay(Math.floorDiv(timeMicros, MICROS_PER_DAY));
  }

  private ReadStats stats() {
    long events = records - rejected.values().stream().mapToLong(Long::longValue).sum();
    Lateness lateness =
        new Lateness(events - late, late - lateByHour, lateByHour - lateByDay, lateByDay);
    return new ReadStats(records, lateness, rejected, rejectedDays, greatest, newest);
  }
}
