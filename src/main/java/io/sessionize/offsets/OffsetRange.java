package io.sessionize.offsets;

import io.sessionize.Failure;
import io.sessionize.session.Partition;
import java.io.Serializable;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A range of offsets of some topic partitions, {@code from} inclusive, {@code to} exclusive. Both
 * have the same partitions; other partitions are not read.
 */
public record OffsetRange(Offsets from, Offsets to) implements Serializable {
  public static final OffsetRange NONE = new OffsetRange(Offsets.NONE, Offsets.NONE);

  /**
   * Creates a range.
   *
   * @throws Failure of usage, if the partitions differ or a range ends before it begins
   */
  public OffsetRange {
    if (!from.next().keySet().equals(to.next().keySet())) {
      throw Failure.usage(
          "--from names partitions %s, but --to names %s: both must name the same.",
          from.next().keySet(), to.next().keySet());
    }
    from.next()
        .forEach(
            (partition, first) -> {
              if (first > to.next().get(partition)) {
                throw Failure.usage(
                    "The range of partition %s ends at offset %d, before it begins at %d.",
                    partition, to.next().get(partition), first);
              }
            });
  }

  /** The number of offsets. */
  public long size() {
    return to.since(from);
  }

  /** Whether the range has no offset. */
  public boolean isEmpty() {
    return from.equals(to);
  }

  /**
   * The first part of the range, with a proportional share of each partition.
   *
   * @param limit the greatest number of offsets, in all partitions together
   */
  public OffsetRange first(long limit) {
    long all = size();
    if (all <= limit) {
      return this;
    }
    Map<Partition, Long> end = new TreeMap<>(from.next());
    long left = limit;
    for (Map.Entry<Partition, Long> begin : from.next().entrySet()) {
      long size = to.next().get(begin.getKey()) - begin.getValue();
      long share = Math.min(left, (long) ((double) size / all * limit));
      end.merge(begin.getKey(), share, Long::sum);
      left -= share;
    }
    // Distributes the remainder of rounding, which is less than one offset per partition.
    for (Map.Entry<Partition, Long> last : to.next().entrySet()) {
      if (left > 0 && end.get(last.getKey()) < last.getValue()) {
        end.merge(last.getKey(), 1L, Long::sum);
        left--;
      }
    }
    return new OffsetRange(from, new Offsets(end));
  }

  /** Merges two ranges. If both have a partition, their ranges of it must be adjacent. */
  public OffsetRange and(OffsetRange other) {
    return new OffsetRange(from.orElse(other.from), other.to.orElse(to));
  }

  /** For messages: {@code web:0:[100,200) web:1:[50,90)}. */
  @Override
  public String toString() {
    return from.next().entrySet().stream()
        .map(
            begin ->
                String.format(
                    "%s:[%d,%d)", begin.getKey(), begin.getValue(), to.next().get(begin.getKey())))
        .collect(Collectors.joining(" "));
  }
}
