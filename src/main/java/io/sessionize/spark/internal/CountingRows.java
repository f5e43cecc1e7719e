package io.sessionize.spark.internal;

import io.sessionize.job.Lateness;
import io.sessionize.job.ReadStats;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import io.sessionize.row.DecodedRows;
import io.sessionize.row.EventRows;
import io.sessionize.session.Partition;
import io.sessionize.session.Watermark;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Passes decoded rows through, without filtered events, and counts them. It is plain Java: for an
 * aggregate Spark generates and compiles code and shuffles, which takes longer than an hour with
 * few events.
 */
final class CountingRows implements Iterator<InternalRow> {
  private static final int EVENT_TIME = DecodedRows.EVENT + EventRows.EVENT_TIME_MS;
  private static final long HOUR_MS = Duration.ofHours(1).toMillis();
  private static final long DAY_MS = Duration.ofDays(1).toMillis();

  /** The driver gets the late events of all tasks, so each task gives only few. */
  private static final int MOST_LATE = 200;

  /** Of the users of late events. */
  private static final int MOST_LATE_BYTES = 20_000;

  private final CountedRows rows;
  private final List<Partition> partitions;
  private final long lateBeforeMs;
  private final long runTimeMs;
  private final BiConsumer<ReadStats, List<LateEvent>> atTheEnd;
  private long late;
  private long lateByHour;
  private long lateByDay;
  private long lateBytes;

  /** Null if they are many. */
  private List<LateEvent> lateEvents = new ArrayList<>();

  private long newest = Watermark.NONE;
  private final Map<String, Long> rejected = new TreeMap<>();
  private final Map<Partition, Long> firstRejected = new TreeMap<>();
  private final Map<Partition, Long> nextRejected = new TreeMap<>();
  private final long[] greatest;
  private long events;
  private InternalRow next;
  private boolean ended;

  /**
   * @param rows of {@link DecodedRows#SCHEMA}
   * @param partitions whose indexes these rows have
   * @param lateBeforeMs the published watermark
   * @param runTimeMs the run's own clock: an event ahead of it is no evidence of time
   * @param atTheEnd called once, after the last row; gets the late events, or null if they are more
   *     than 200, or their users have more than 20,000 bytes
   */
  CountingRows(
      CountedRows rows,
      List<Partition> partitions,
      long lateBeforeMs,
      long runTimeMs,
      BiConsumer<ReadStats, List<LateEvent>> atTheEnd) {
    this.rows = rows;
    this.partitions = partitions;
    this.greatest = new long[partitions.size() + 1];
    Arrays.fill(greatest, Watermark.NONE);
    this.lateBeforeMs = lateBeforeMs;
    this.runTimeMs = runTimeMs;
    this.atTheEnd = atTheEnd;
  }

  @Override
  public boolean hasNext() {
    while (next == null && rows.hasNext()) {
      InternalRow row = rows.next();
      count(row);
      next = rows.isFiltered() ? null : row;
    }
    if (next == null && !ended) {
      ended = true;
      atTheEnd.accept(stats(), lateEvents);
    }
    return next != null;
  }

  @Override
  public InternalRow next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    InternalRow row = next;
    next = null;
    return row;
  }

  private void count(InternalRow row) {
    if (!row.isNullAt(DecodedRows.REJECTED)) {
      countRejection(row.getStruct(DecodedRows.REJECTED, DecodedRows.REJECTION.length()));
      return;
    }
    countTime(row);
    if (!rows.isFiltered()) {
      countEvent(row);
    }
  }

  private void countTime(InternalRow row) {
    long timeMs = row.getLong(EVENT_TIME);
    if (timeMs <= runTimeMs) {
      int partition = row.getInt(DecodedRows.PARTITION);
      greatest[partition] = Math.max(greatest[partition], timeMs);
      newest = Math.max(newest, row.getLong(DecodedRows.RECORD_TIME_MS));
    }
  }

  private void countEvent(InternalRow row) {
    long timeMs = row.getLong(EVENT_TIME);
    if (timeMs < lateBeforeMs) {
      late++;
      keepLate(row.getUTF8String(DecodedRows.UUID), timeMs);
    }
    lateByHour += timeMs <= lateBeforeMs - HOUR_MS ? 1 : 0;
    lateByDay += timeMs <= lateBeforeMs - DAY_MS ? 1 : 0;
    events++;
  }

  private void keepLate(UTF8String user, long timeMs) {
    lateBytes += user.numBytes();
    if (late > MOST_LATE || lateBytes > MOST_LATE_BYTES) {
      lateEvents = null;
    } else {
      lateEvents.add(new LateEvent(user.toString(), timeMs));
    }
  }

  private void countRejection(InternalRow rejection) {
    rejected.merge(rejection.getUTF8String(DecodedRows.REJECTION_REASON).toString(), 1L, Long::sum);
    Partition partition =
        new Partition(
            rejection.getUTF8String(DecodedRows.REJECTION_TOPIC).toString(),
            rejection.getInt(DecodedRows.REJECTION_PARTITION));
    long offset = rejection.getLong(DecodedRows.REJECTION_OFFSET);
    firstRejected.merge(partition, offset, Math::min);
    nextRejected.merge(partition, offset + 1, Math::max);
  }

  private ReadStats stats() {
    Map<Partition, Long> times = new TreeMap<>();
    for (int i = 0; i < partitions.size(); i++) {
      if (greatest[i] != Watermark.NONE) {
        times.put(partitions.get(i), greatest[i]);
      }
    }
    return new ReadStats(
        rows.counts(),
        new Lateness(events - late, late - lateByHour, lateByHour - lateByDay, lateByDay),
        rejected,
        new OffsetRange(new Offsets(firstRejected), new Offsets(nextRejected)),
        times,
        newest);
  }
}
