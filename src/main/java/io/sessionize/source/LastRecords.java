package io.sessionize.source;

import io.sessionize.offsets.Offsets;
import io.sessionize.session.Partition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.RetriableException;

/** Reads the newest records of a topic. */
public final class LastRecords {
  private static final Duration LONGEST_SILENCE = Duration.ofSeconds(15);

  private LastRecords() {}

  /**
   * Reads the newest records of each partition.
   *
   * @param most how many offsets of each partition. Fewer records are in them where a topic is
   *     compacted or has transactions.
   * @return by partition and offset
   * @throws io.sessionize.Failure unreachable; usage, if there is no such topic or the settings are
   *     wrong
   */
  public static List<ConsumerRecord<byte[], byte[]>> read(
      KafkaConnection connection, String name, long most) {
    KafkaTopics topic = KafkaTopics.describe(connection, Set.of(name));
    Map<Partition, Long> begin = new HashMap<>();
    topic.latest().next().forEach((partition, end) -> begin.put(partition, end - most));
    Offsets from = new Offsets(begin).atLeast(topic.earliest());
    List<PartitionRange> ranges = PartitionRange.between(from, topic.latest());
    Map<String, String> settings =
        new KafkaReadOptions(connection, Set.of(name), null, Long.MAX_VALUE, true)
            .consumerSettings(ranges.size());
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (RangeReader reader = new RangeReader(settings, ranges, LONGEST_SILENCE)) {
      reader.forEachRemaining(records::add);
    } catch (RetriableException e) {
      throw connection.noAnswer(e);
    }
    records.sort(
        Comparator.<ConsumerRecord<byte[], byte[]>>comparingInt(ConsumerRecord::partition)
            .thenComparingLong(ConsumerRecord::offset));
    return records;
  }
}
