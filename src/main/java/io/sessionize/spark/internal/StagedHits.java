package io.sessionize.spark.internal;

import java.io.Serializable;
import java.util.TreeSet;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.roaringbitmap.longlong.Roaring64Bitmap;

/** The rows of one data file of staging that are to be read, by position and by the end. */
final class StagedHits implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final long PERIOD_MS = 10_000;

  /** Beyond, the file is read as a whole. */
  private static final int MOST_RANGES = 100;

  private final Roaring64Bitmap positions = new Roaring64Bitmap();

  /** The periods in which the sessions end. */
  private final TreeSet<Long> periods = new TreeSet<>();

  StagedHits add(RowKey row) {
    positions.addLong(row.position());
    periods.add(Math.floorDiv(row.endMs(), PERIOD_MS));
    return this;
  }

  StagedHits add(StagedHits other) {
    positions.or(other.positions);
    periods.addAll(other.periods);
    return this;
  }

  /**
   * A filter that is true for all these rows. In a file that is sorted by end, it leaves out most
   * row groups.
   */
  Expression filter() {
    Expression filter = Expressions.alwaysFalse();
    int ranges = 0;
    Long first = null;
    for (Long period : periods) {
      first = first == null ? period : first;
      if (!periods.contains(period + 1)) {
        filter = Expressions.or(filter, ending(first, period + 1));
        ranges++;
        first = null;
      }
    }
    return ranges > MOST_RANGES ? Expressions.alwaysTrue() : filter;
  }

  /** Whether the row at a position is to be read. */
  boolean contains(long position) {
    return positions.contains(position);
  }

  private static Expression ending(long fromPeriod, long toPeriod) {
    String end = "session_end_time_ms";
    return Expressions.and(
        Expressions.greaterThanOrEqual(end, fromPeriod * PERIOD_MS),
        Expressions.lessThan(end, toPeriod * PERIOD_MS));
  }
}
