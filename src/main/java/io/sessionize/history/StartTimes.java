package io.sessionize.history;

import io.sessionize.row.Micros;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Types;

/**
 * The ranges of time in which the sessions of some data files start. They come from the statistics
 * of the files; no row is read.
 */
public final class StartTimes implements Serializable {
  private static final long serialVersionUID = 1L;

  static final String START_MS = "session_start_time_ms";
  private static final String START = "session_start";

  /** Each file is compared with each range. */
  private static final int MOST_RANGES = 100;

  /** 9999-12-31, and as far before 1970: beyond, microseconds could overflow. */
  private static final long MOST_MS = 253_402_300_799_999L;

  private static final long DAY_MS = 86_400_000;

  record Range(long fromMs, long toMs) implements Serializable {}

  private final List<Range> ranges;
  private final boolean anywhere;

  /**
   * @param ranges in any order; both ends are included
   * @param anywhere whether sessions may start at any time
   */
  StartTimes(List<Range> ranges, boolean anywhere) {
    this.ranges = merged(ranges);
    this.anywhere = anywhere;
  }

  /**
   * Reads the statistics of files.
   *
   * @param tasks planned with the statistics of {@link #START_MS}
   */
  public static StartTimes of(Table table, List<FileScanTask> tasks) {
    List<Range> ranges = new ArrayList<>();
    boolean anywhere = false;
    int startId = table.schema().findField(START_MS).fieldId();
    for (FileScanTask task : tasks) {
      DataFile file = task.file();
      Long from = bound(file.lowerBounds(), startId);
      Long to = bound(file.upperBounds(), startId);
      int dayIndex = ChangedDays.dayIndex(table.specs().get(file.specId()));
      Integer day = dayIndex < 0 ? null : file.partition().get(dayIndex, Integer.class);
      if (from != null && to != null) {
        ranges.add(new Range(from, to));
        // A damaged row has no start. Its neighbours are searched near its end.
        anywhere |= !isZero(file.nullValueCounts(), startId);
      } else if (day != null) {
        ranges.add(new Range(day * DAY_MS, (day + 1) * DAY_MS));
      } else {
        // Without a day, the rows have no start: they have no neighbours.
        anywhere |= dayIndex < 0;
      }
    }
    return new StartTimes(ranges, anywhere);
  }

  private static boolean isZero(Map<Integer, Long> counts, int id) {
    return counts != null && counts.containsKey(id) && counts.get(id) == 0;
  }

  private static Long bound(Map<Integer, ByteBuffer> bounds, int id) {
    ByteBuffer bound = bounds == null ? null : bounds.get(id);
    return bound == null ? null : Conversions.fromByteBuffer(Types.LongType.get(), bound);
  }

  /**
   * Returns whether a session that starts then, epoch milliseconds, starts in one of the ranges.
   */
  public boolean contain(long startMs) {
    if (anywhere) {
      return true;
    }
    long time = known(startMs);
    int low = 0;
    int high = ranges.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (ranges.get(middle).toMs < time) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low < ranges.size() && ranges.get(low).fromMs <= time;
  }

  /** Returns the times of both. */
  public StartTimes and(StartTimes other) {
    List<Range> all = new ArrayList<>(ranges);
    all.addAll(other.ranges);
    return new StartTimes(all, anywhere || other.anywhere);
  }

  /** Returns the ranges, each longer by these milliseconds. */
  public StartTimes widened(long beforeMs, long afterMs) {
    return new StartTimes(
        ranges.stream()
            .map(range -> new Range(known(range.fromMs) - beforeMs, known(range.toMs) + afterMs))
            .toList(),
        anywhere);
  }

  /**
   * Returns a filter that is true for the sessions that start in the ranges. If there are more than
   * {@value #MOST_RANGES} ranges, it is also true for the shortest gaps between them.
   */
  Expression filter() {
    if (anywhere) {
      return Expressions.alwaysTrue();
    }
    Expression filter = Expressions.alwaysFalse();
    for (Range range : withoutShortestGaps()) {
      filter =
          Expressions.or(
              filter,
              Expressions.and(
                  Expressions.greaterThanOrEqual(START, micros(range.fromMs)),
                  Expressions.lessThanOrEqual(START, micros(range.toMs))));
    }
    return filter;
  }

  private static long micros(long ms) {
    return Micros.ofMs(known(ms));
  }

  /** A damaged row may start at any time. */
  private static long known(long ms) {
    return Math.max(-MOST_MS, Math.min(MOST_MS, ms));
  }

  private List<Range> withoutShortestGaps() {
    Set<Integer> begins =
        IntStream.range(1, ranges.size())
            .boxed()
            .sorted(Comparator.comparingLong(this::gapBefore).reversed())
            .limit(MOST_RANGES - 1)
            .collect(Collectors.toSet());
    List<Range> fewer = new ArrayList<>();
    for (int i = 0; i < ranges.size(); i++) {
      Range range = ranges.get(i);
      if (i == 0 || begins.contains(i)) {
        fewer.add(range);
      } else {
        int last = fewer.size() - 1;
        fewer.set(last, new Range(fewer.get(last).fromMs, range.toMs));
      }
    }
    return fewer;
  }

  private long gapBefore(int index) {
    return ranges.get(index).fromMs - ranges.get(index - 1).toMs;
  }

  /** Sorts the ranges and joins those that touch. */
  private static List<Range> merged(List<Range> ranges) {
    TreeMap<Long, Long> sorted = new TreeMap<>();
    ranges.forEach(range -> sorted.merge(range.fromMs, range.toMs, Math::max));
    List<Range> merged = new ArrayList<>();
    sorted.forEach(
        (fromMs, toMs) -> {
          Range last = merged.isEmpty() ? null : merged.get(merged.size() - 1);
          if (last != null && fromMs <= last.toMs) {
            merged.set(merged.size() - 1, new Range(last.fromMs, Math.max(last.toMs, toMs)));
          } else {
            merged.add(new Range(fromMs, toMs));
          }
        });
    return List.copyOf(merged);
  }
}
