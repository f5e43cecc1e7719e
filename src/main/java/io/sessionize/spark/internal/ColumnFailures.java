package io.sessionize.spark.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.util.AccumulatorV2;

/** Counts the failed values of each session column, by its position, over all tasks. */
final class ColumnFailures extends AccumulatorV2<Integer, List<Long>> {
  private static final long serialVersionUID = 1L;

  private final long[] failed;

  /**
   * @param columns how many session columns there are
   */
  ColumnFailures(int columns) {
    this.failed = new long[columns];
  }

  @Override
  public boolean isZero() {
    return Arrays.stream(failed).allMatch(count -> count == 0);
  }

  @Override
  public AccumulatorV2<Integer, List<Long>> copy() {
    ColumnFailures copy = new ColumnFailures(failed.length);
    copy.merge(this);
    return copy;
  }

  @Override
  public void reset() {
    Arrays.fill(failed, 0);
  }

  @Override
  public void add(Integer column) {
    failed[column]++;
  }

  @Override
  public void merge(AccumulatorV2<Integer, List<Long>> other) {
    for (int i = 0; i < failed.length; i++) {
      failed[i] += other.value().get(i);
    }
  }

  @Override
  public List<Long> value() {
    List<Long> counts = new ArrayList<>(failed.length);
    for (long count : failed) {
      counts.add(count);
    }
    return counts;
  }
}
