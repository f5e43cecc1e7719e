package io.sessionize.offsets;

import io.sessionize.session.Partition;
import java.io.Serializable;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The next offset to read of each topic partition. A partition without an offset has not been read.
 *
 * @param next partition to offset, sorted, immutable
 */
public record Offsets(Map<Partition, Long> next) implements Serializable {
  public static final Offsets NONE = new Offsets(Map.of());

  public Offsets {
    next = Collections.unmodifiableMap(new TreeMap<>(next));
  }

  /** The offsets of one topic, by the number of the partition. */
  public static Offsets of(String topic, Map<Integer, Long> next) {
    Map<Partition, Long> named = new TreeMap<>();
    next.forEach((number, offset) -> named.put(new Partition(topic, number), offset));
    return new Offsets(named);
  }

  /**
   * Reads {@code {"web":{"0":100}}}, the form of Spark's checkpoints and options.
   *
   * @throws IllegalArgumentException if the text has another form
   */
  public static Offsets ofJson(String json) {
    return new Offsets(PartitionJson.read(json));
  }

  /** Writes {@code {"web":{"0":100}}}. */
  public String json() {
    return PartitionJson.write(next);
  }

  /** The topics that have an offset, sorted. */
  public Set<String> topics() {
    return next.keySet().stream()
        .map(Partition::topic)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** The offsets of the partitions of these topics. */
  public Offsets ofTopics(Set<String> topics) {
    return only(partition -> topics.contains(partition.topic()));
  }

  /** The offset of a partition, or another value if it has none. */
  public long getOrDefault(Partition partition, long otherwise) {
    return next.getOrDefault(partition, otherwise);
  }

  /** Whether no partition has an offset. */
  public boolean isEmpty() {
    return next.isEmpty();
  }

  /** These offsets, completed by other ones for partitions that have none here. */
  public Offsets orElse(Offsets others) {
    Map<Partition, Long> both = new TreeMap<>(others.next);
    both.putAll(next);
    return new Offsets(both);
  }

  /** The greater of both offsets of each partition. */
  public Offsets atLeast(Offsets others) {
    Map<Partition, Long> both = new TreeMap<>(next);
    others.next.forEach((partition, offset) -> both.merge(partition, offset, Math::max));
    return new Offsets(both);
  }

  /** These offsets, limited to the partitions that the other ones have too. */
  public Offsets only(Offsets others) {
    return only(others.next::containsKey);
  }

  private Offsets only(Predicate<Partition> which) {
    Map<Partition, Long> some = new TreeMap<>(next);
    some.keySet().removeIf(which.negate());
    return new Offsets(some);
  }

  /** Whether the other offsets are greater in any partition. */
  public boolean isBehind(Offsets others) {
    return !atLeast(others).equals(this);
  }

  /** The number of offsets from the other ones to these, in all partitions of these. */
  public long since(Offsets others) {
    return next.entrySet().stream()
        .mapToLong(end -> end.getValue() - others.getOrDefault(end.getKey(), 0L))
        .sum();
  }

  /**
   * The lost range: offsets from these up to an end that Kafka has deleted.
   *
   * @param earliest the first offsets that Kafka still holds
   */
  public OffsetRange lostBefore(Offsets earliest, Offsets end) {
    Map<Partition, Long> first = new TreeMap<>();
    Map<Partition, Long> last = new TreeMap<>();
    next.forEach(
        (partition, from) -> {
          long held = earliest.getOrDefault(partition, from);
          long to = Math.min(held, end.getOrDefault(partition, from));
          if (from < to) {
            first.put(partition, from);
            last.put(partition, to);
          }
        });
    return new OffsetRange(new Offsets(first), new Offsets(last));
  }

  /** The text form of {@code backfill}: {@code web:0:100,web:1:50}. */
  @Override
  public String toString() {
    return next.entrySet().stream()
        .map(entry -> entry.getKey() + ":" + entry.getValue())
        .collect(Collectors.joining(","));
  }
}
