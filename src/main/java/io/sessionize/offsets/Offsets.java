package io.sessionize.offsets;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The next offset to read of each partition of one topic. A partition that is not named has not
 * been read at all.
 *
 * @param next partition to offset, sorted by partition, immutable
 */
public record Offsets(Map<Integer, Long> next) {
  public static final Offsets NONE = new Offsets(Map.of());

  private static final ObjectMapper JSON = new ObjectMapper();

  public Offsets {
    next = Collections.unmodifiableMap(new TreeMap<>(next));
  }

  /** Reads Spark's form, {@code {"topic":{"0":100}}}; other topics in it are left out. */
  public static Offsets ofSparkJson(String json, String topic) {
    try {
      Map<String, Map<Integer, Long>> topics = JSON.readValue(json, new TypeReference<>() {});
      Map<Integer, Long> next = topics == null ? null : topics.getOrDefault(topic, NONE.next);
      if (next != null && !next.containsValue(null)) {
        return new Offsets(next);
      }
    } catch (JsonProcessingException e) {
      // Told below, like a null.
    }
    throw new IllegalArgumentException("Not Spark's form of Kafka offsets: " + json);
  }

  /** Writes Spark's form. */
  public String sparkJson(String topic) {
    try {
      return JSON.writeValueAsString(Map.of(topic, next));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** These, and for partitions not named here the others. */
  public Offsets orElse(Offsets others) {
    Map<Integer, Long> both = new TreeMap<>(others.next);
    both.putAll(next);
    return new Offsets(both);
  }

  /** The greater offset of each partition named by either. */
  public Offsets atLeast(Offsets others) {
    Map<Integer, Long> both = new TreeMap<>(next);
    others.next.forEach((partition, offset) -> both.merge(partition, offset, Math::max));
    return new Offsets(both);
  }

  /** Of these, those of the partitions that the others name. */
  public Offsets only(Offsets others) {
    Map<Integer, Long> some = new TreeMap<>(next);
    some.keySet().retainAll(others.next.keySet());
    return new Offsets(some);
  }

  /** Whether the others are further in any partition. */
  public boolean isBehind(Offsets others) {
    return !atLeast(others).equals(this);
  }

  /** How many offsets lie between the others and these, in all partitions named here. */
  public long since(Offsets others) {
    return next.entrySet().stream()
        .mapToLong(end -> end.getValue() - others.next.getOrDefault(end.getKey(), 0L))
        .sum();
  }

  /**
   * What lies between these and the first offsets that Kafka still holds, up to an end.
   *
   * @return by partition: the first offset that is gone, and the next one that is not or not needed
   */
  public Map<Integer, List<Long>> lostBefore(Offsets earliest, Offsets end) {
    Map<Integer, List<Long>> lost = new TreeMap<>();
    next.forEach(
        (partition, from) -> {
          long held = earliest.next.getOrDefault(partition, from);
          long to = Math.min(held, end.next.getOrDefault(partition, from));
          if (from < to) {
            lost.put(partition, List.of(from, to));
          }
        });
    return lost;
  }

  /** {@code 0:100,1:50}, as backfill takes it. */
  @Override
  public String toString() {
    return next.entrySet().stream()
        .map(entry -> entry.getKey() + ":" + entry.getValue())
        .collect(Collectors.joining(","));
  }
}
