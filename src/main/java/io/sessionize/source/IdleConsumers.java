package io.sessionize.source;

import io.sessionize.Failure;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Keeps the consumers of a process from one task to the next. To connect and to log in takes longer
 * than to read the records of a second. There are as many as tasks have read at the same time.
 */
final class IdleConsumers {
  private static final Map<Map<String, String>, Deque<Consumer<byte[], byte[]>>> BY_SETTINGS =
      new ConcurrentHashMap<>();

  private IdleConsumers() {}

  /**
   * Returns a consumer with these settings that nobody uses.
   *
   * @throws Failure of usage, if Kafka refuses the settings
   */
  static Consumer<byte[], byte[]> take(Map<String, String> settings) {
    Consumer<byte[], byte[]> idle = of(settings).pollFirst();
    if (idle != null) {
      return idle;
    }
    try {
      return new KafkaConsumer<>(
          Map.copyOf(settings), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    } catch (KafkaException e) {
      throw Failure.usage(
          "Kafka's client cannot be started: %s. Check --kafka-properties.", KafkaErrors.line(e));
    }
  }

  /** Takes a consumer that has no error, and drops the records that it has fetched. */
  static void keep(Map<String, String> settings, Consumer<byte[], byte[]> consumer) {
    consumer.unsubscribe();
    of(settings).addFirst(consumer);
  }

  private static Deque<Consumer<byte[], byte[]>> of(Map<String, String> settings) {
    return BY_SETTINGS.computeIfAbsent(settings, key -> new ConcurrentLinkedDeque<>());
  }
}
