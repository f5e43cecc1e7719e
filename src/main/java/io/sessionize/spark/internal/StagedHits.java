package io.sessionize.spark.internal;

import io.sessionize.Failure;
import java.io.Serializable;
import java.util.Iterator;
import java.util.TreeSet;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.spark.sql.catalyst.InternalRow;
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

  /**
   * Selects these rows from those of the file. The result fails at its end if one of them is not
   * there: the batch deletes all of them, so it would lose that one.
   *
   * @param rows that {@link #filter} does not leave out
   * @param position index of the column with the position
   * @param file for the message
   */
  CloseableIterable<InternalRow> of(
      CloseableIterable<InternalRow> rows, int position, String file) {
    CloseableIterable<InternalRow> hits =
        CloseableIterable.filter(rows, row -> positions.contains(row.getLong(position)));
    return CloseableIterable.combine(() -> new Complete(hits.iterator(), file), hits);
  }

  private final class Complete implements Iterator<InternalRow> {
    private final Iterator<InternalRow> hits;
    private final String file;
    private long read;

    Complete(Iterator<InternalRow> hits, String file) {
      this.hits = hits;
      this.file = file;
    }

    @Override
    public boolean hasNext() {
      if (hits.hasNext()) {
        return true;
      }
      long wanted = positions.getLongCardinality();
      if (read != wanted) {
        throw Failure.broken(
            "Of the %d open sessions in %s that change, only %d were read: the statistics of the file"
                + " are wrong. This batch published nothing. Run recompute --user with any user: it"
                + " writes the staging table anew.",
            wanted, file, read);
      }
      return false;
    }

    @Override
    public InternalRow next() {
      InternalRow row = hits.next();
      read++;
      return row;
    }
  }

  private static Expression ending(long fromPeriod, long toPeriod) {
    String end = "session_end_time_ms";
    return Expressions.and(
        Expressions.greaterThanOrEqual(end, fromPeriod * PERIOD_MS),
        Expressions.lessThan(end, toPeriod * PERIOD_MS));
  }
}
