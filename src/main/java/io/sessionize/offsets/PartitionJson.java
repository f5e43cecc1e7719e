package io.sessionize.offsets;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import io.sessionize.session.Partition;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads and writes numbers by topic and partition as JSON, {@code {"web":{"0":100}}}: Spark's form
 * of Kafka offsets.
 */
public final class PartitionJson {
  private static final ObjectMapper JSON =
      new ObjectMapper().disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT);
  private static final ObjectReader NESTED =
      JSON.readerFor(new TypeReference<Map<String, Map<Integer, Long>>>() {});

  private PartitionJson() {}

  /** The nested form, sorted. */
  public static Map<String, Map<Integer, Long>> nested(Map<Partition, Long> values) {
    Map<String, Map<Integer, Long>> topics = new TreeMap<>();
    values.forEach(
        (partition, value) ->
            topics
                .computeIfAbsent(partition.topic(), topic -> new TreeMap<>())
                .put(partition.number(), value));
    return topics;
  }

  /** Writes the nested form. */
  public static String write(Map<Partition, Long> values) {
    try {
      return JSON.writeValueAsString(nested(values));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Reads the nested form.
   *
   * @throws IllegalArgumentException if the text has another form
   */
  public static Map<Partition, Long> read(String json) {
    try {
      Map<String, Map<Integer, Long>> topics = NESTED.readValue(json);
      Map<Partition, Long> values = new TreeMap<>();
      topics.forEach(
          (topic, partitions) ->
              partitions.forEach(
                  (number, value) -> values.put(new Partition(topic, number), value.longValue())));
      return values;
    } catch (JsonProcessingException | NullPointerException e) {
      // A null in place of a value or an object is an error too.
      throw new IllegalArgumentException("Not numbers by topic and partition: " + json, e);
    }
  }
}
