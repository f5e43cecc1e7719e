package io.sessionize.source;

import io.sessionize.Failure;
import io.sessionize.session.Partition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads the newest records of a topic. It commits no offsets and belongs to no group. */
public final class LastRecords {
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration LONGEST_SILENCE = Duration.ofSeconds(15);

  private LastRecords() {}

  /**
   * Reads the newest records of each partition.
   *
   * @param most how many offsets of each partition. Fewer records are in them where a topic is
   *     compacted or has transactions.
   * @return by partition and offset
   * @throws Failure unreachable; usage, if there is no such topic or the settings are wrong
   */
  public static List<ConsumerRecord<byte[], byte[]>> read(
      KafkaConnection connection, String name, long most) {
    KafkaTopics topic = KafkaTopics.describe(connection, Set.of(name));
    Map<TopicPartition, Long> ends = new HashMap<>();
    topic
        .latest()
        .next()
        .forEach(
            (partition, end) -> {
              if (end > topic.earliest().next().get(partition)) {
                ends.put(new TopicPartition(name, partition.number()), end);
              }
            });
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(connection)) {
      consumer.assign(ends.keySet());
      ends.forEach(
          (partition, end) ->
              consumer.seek(
                  partition,
                  Math.max(
                      topic.earliest().next().get(new Partition(name, partition.partition())),
                      end - most)));
      long silentSinceNs = System.nanoTime();
      while (!ends.isEmpty()) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          if (record.offset() < ends.get(new TopicPartition(name, record.partition()))) {
            records.add(record);
          }
          silentSinceNs = System.nanoTime();
        }
        // The position passes offsets without a record too.
        if (ends.entrySet().removeIf(end -> consumer.position(end.getKey()) >= end.getValue())) {
          consumer.pause(consumer.assignment());
          consumer.resume(ends.keySet());
        }
        if (System.nanoTime() - silentSinceNs > LONGEST_SILENCE.toNanos()) {
          throw connection.noAnswer(null);
        }
      }
    } catch (RetriableException e) {
      throw connection.noAnswer(e);
    }
    records.sort(
        Comparator.<ConsumerRecord<byte[], byte[]>>comparingInt(ConsumerRecord::partition)
            .thenComparingLong(ConsumerRecord::offset));
    return records;
  }

  private static KafkaConsumer<byte[], byte[]> consumer(KafkaConnection connection) {
    Map<String, Object> settings = new HashMap<>(connection.clientSettings());
    settings.put(
        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
        connection.isolationLevel().toString().toLowerCase(Locale.ROOT));
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    settings.remove(ConsumerConfig.GROUP_ID_CONFIG);
    try {
      return new KafkaConsumer<>(
          settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    } catch (KafkaException e) {
      throw Failure.usage(
          "Kafka's client cannot be started: %s. Check --kafka-properties.", KafkaErrors.line(e));
    }
  }
}
