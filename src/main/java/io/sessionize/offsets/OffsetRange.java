package io.sessionize.offsets;

import io.sessionize.Failure;
import io.sessionize.source.KafkaTopic;
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
   * Checks that Kafka holds all of it.
   *
   * @throws Failure broken, where some is deleted; of usage, where some is not there yet
   */
  public void requireHeldBy(KafkaTopic topic) {
    OffsetRange held = new OffsetRange(topic.earliest(), topic.latest());
    from.next()
        .forEach(
            (partition, first) -> {
              Long earliest = topic.earliest().next().get(partition);
              if (earliest == null) {
                throw Failure.usage(
                    "Topic %s has no partition %d: it holds %s.", topic.name(), partition, held);
              }
              long next = to.next().get(partition);
              if (first < earliest && first < next) {
                throw Failure.broken(
                    "Kafka no longer holds offsets [%d, %d) of partition %d of topic %s: it holds %s.",
                    first, Math.min(earliest, next), partition, topic.name(), held);
              }
              if (next > topic.latest().next().get(partition)) {
                throw Failure.usage(
                    "Partition %d of topic %s does not reach offset %d yet: it holds %s.",
                    partition, topic.name(), next, held);
              }
            });
  }

  /** What of it Kafka does not hold, from the first offset to the last that is not there. */
  public OffsetRange notHeldBy(KafkaTopic topic) {
    Map<Integer, Long> begin = new TreeMap<>();
    Map<Integer, Long> end = new TreeMap<>();
    from.next()
        .forEach(
            (partition, first) -> {
              long next = to.next().get(partition);
              long earliest = topic.earliest().next().getOrDefault(partition, next);
              long latest = topic.latest().next().getOrDefault(partition, next);
              long missing = first < earliest ? first : Math.max(first, latest);
              long held = next > latest ? next : Math.min(earliest, next);
              if (missing < held) {
                begin.put(partition, missing);
                end.put(partition, held);
              }
            });
    return new OffsetRange(new Offsets(begin), new Offsets(end));
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

  /** All partitions of the topic, those that are not named with nothing to read. */
  public OffsetRange over(KafkaTopic topic) {
    Map<Integer, Long> begin = new TreeMap<>(topic.earliest().next());
    Map<Integer, Long> end = new TreeMap<>(topic.earliest().next());
    begin.putAll(from.next());
    end.putAll(to.next());
    return new OffsetRange(new Offsets(begin), new Offsets(end));
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
