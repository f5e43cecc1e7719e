package io.sessionize.offsets;

import io.sessionize.Failure;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A range of offsets of some partitions of a topic: those from {@code from} to before {@code to}.
 * Both name the same partitions; what is not named is not read.
 */
public record OffsetRange(Offsets from, Offsets to) {

  /**
   * The range between two ends.
   *
   * @throws Failure of usage, where they do not make one
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
                    "The range of partition %d ends at offset %d, before it begins at %d.",
                    partition, to.next().get(partition), first);
              }
            });
  }

  /**
   * Its beginning, each partition by its share of what there is.
   *
   * @param limit how many offsets at most, in all partitions together
   */
  public OffsetRange first(long limit) {
    long all = to.since(from);
    if (all <= limit) {
      return this;
    }
    Map<Integer, Long> end = new TreeMap<>(from.next());
    long left = limit;
    for (Map.Entry<Integer, Long> begin : from.next().entrySet()) {
      long size = to.next().get(begin.getKey()) - begin.getValue();
      long share = Math.min(left, (long) ((double) size / all * limit));
      end.merge(begin.getKey(), share, Long::sum);
      left -= share;
    }
    // What rounding down has left, fewer than there are partitions.
    for (Map.Entry<Integer, Long> last : to.next().entrySet()) {
      if (left > 0 && end.get(last.getKey()) < last.getValue()) {
        end.merge(last.getKey(), 1L, Long::sum);
        left--;
      }
    }
    return new OffsetRange(from, new Offsets(end));
  }

  /** Whether nothing is in it. */
  public boolean isEmpty() {
    return from.equals(to);
  }

  /** {@code 0:[100,200) 1:[50,90)}. */
  @Override
  public String toString() {
    return from.next().entrySet().stream()
        .map(
            begin ->
                String.format(
                    "%d:[%d,%d)", begin.getKey(), begin.getValue(), to.next().get(begin.getKey())))
        .collect(Collectors.joining(" "));
  }
}
