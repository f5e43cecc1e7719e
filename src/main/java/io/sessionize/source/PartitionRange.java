package io.sessionize.source;

import io.sessionize.offsets.Offsets;
import io.sessionize.session.Partition;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Offsets {@code [from, to)} of one partition.
 *
 * @param from less than {@code to}
 */
public record PartitionRange(Partition partition, long from, long to) implements Serializable {

  /**
   * The ranges from some offsets to others, none empty, sorted by partition.
   *
   * @param from a partition without an offset begins at 0
   * @param to every partition of the ranges
   */
  public static List<PartitionRange> between(Offsets from, Offsets to) {
    List<PartitionRange> ranges = new ArrayList<>();
    to.next()
        .forEach(
            (partition, end) -> {
              long begin = from.getOrDefault(partition, 0L);
              if (begin < end) {
                ranges.add(new PartitionRange(partition, begin, end));
              }
            });
    return ranges;
  }

  /** The number of offsets. */
  public long size() {
    return to - from;
  }

  /**
   * Distributes ranges to tasks. Where ranges are cut or share a task, the tasks have about the
   * same size. No task has two ranges of one partition.
   *
   * @param ranges one of each partition
   * @param least how many tasks are wanted: if there are fewer ranges, the larger ones are cut
   * @param most how many tasks there may be: if there are more ranges, some share a task
   */
  public static List<List<PartitionRange>> tasks(List<PartitionRange> ranges, int least, int most) {
    if (ranges.size() < least) {
      long all = ranges.stream().mapToLong(PartitionRange::size).sum();
      return ranges.stream()
          .flatMap(range -> range.cut((double) range.size() * least / all).stream())
          .map(List::of)
          .toList();
    }
    return ranges.size() <= most ? ranges.stream().map(List::of).toList() : share(ranges, most);
  }

  private List<PartitionRange> cut(double share) {
    long count = Math.max(1, Math.min(size(), Math.round(share)));
    List<PartitionRange> pieces = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      long begin = from + size() * i / count;
      pieces.add(new PartitionRange(partition, begin, from + size() * (i + 1) / count));
    }
    return pieces;
  }

  private static List<List<PartitionRange>> share(List<PartitionRange> ranges, int count) {
    PriorityQueue<Task> tasks = new PriorityQueue<>(Comparator.comparingLong(Task::size));
    for (int i = 0; i < count; i++) {
      tasks.add(new Task(new ArrayList<>(), 0));
    }
    // The largest first, each to the task that has the least.
    ranges.stream()
        .sorted(Comparator.comparingLong(PartitionRange::size).reversed())
        .forEach(range -> tasks.add(tasks.remove().with(range)));
    return tasks.stream().map(Task::ranges).toList();
  }

  private record Task(List<PartitionRange> ranges, long size) {
    Task with(PartitionRange range) {
      ranges.add(range);
      return new Task(ranges, size + range.size());
    }
  }
}
