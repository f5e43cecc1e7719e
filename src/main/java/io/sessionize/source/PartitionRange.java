package io.sessionize.source;

import io.sessionize.offsets.Offsets;
import io.sessionize.session.Partition;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * Offsets {@code [from, to)} of one partition.
 *
 * @param from less than {@code to}
 */
public record PartitionRange(Partition partition, long from, long to) implements Serializable {

  /**
   * Cuts the ranges {@code [from, to)} into pieces for tasks, none empty, sorted by partition.
   *
   * @param from a partition without an offset begins at 0
   * @param to every partition of the ranges
   * @param tasks how many pieces are wanted at least. A partition is only cut if there are fewer
   *     partitions, into pieces of about the same size.
   */
  public static List<PartitionRange> pieces(Offsets from, Offsets to, int tasks) {
    List<PartitionRange> whole = new ArrayList<>();
    to.next()
        .forEach(
            (partition, end) -> {
              long begin = from.getOrDefault(partition, 0L);
              if (begin < end) {
                whole.add(new PartitionRange(partition, begin, end));
              }
            });
    if (whole.size() >= tasks) {
      return whole;
    }
    long all = whole.stream().mapToLong(PartitionRange::size).sum();
    List<PartitionRange> pieces = new ArrayList<>();
    for (PartitionRange range : whole) {
      long share = Math.round((double) range.size() * tasks / all);
      pieces.addAll(range.cut(Math.max(1, Math.min(range.size(), share))));
    }
    return pieces;
  }

  private long size() {
    return to - from;
  }

  private List<PartitionRange> cut(long count) {
    List<PartitionRange> pieces = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      long begin = from + size() * i / count;
      pieces.add(new PartitionRange(partition, begin, from + size() * (i + 1) / count));
    }
    return pieces;
  }
}
