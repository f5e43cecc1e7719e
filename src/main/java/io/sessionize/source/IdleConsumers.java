package io.sessionize.source;

import io.sessionize.Failure;
import java.time.Duration;
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
 * than to read the records of a second.
 */
final class IdleConsumers {
  private static final Duration LONGEST_IDLE = Duration.ofMinutes(5);
  private static final Map<Map<String, String>, Deque<Idle>> BY_SETTINGS =
      new ConcurrentHashMap<>();

  private IdleConsumers() {}

  private record Idle(Consumer<byte[], byte[]> consumer, long sinceNs) {
    boolean isOld() {
      return System.nanoTime() - sinceNs > LONGEST_IDLE.toNanos();
    }

    void close() {
      consumer.close(Duration.ZERO);
    }
  }

  /**
   * Returns a consumer with these settings that nobody uses.
   *
   * @throws Failure of usage, if Kafka refuses the settings; unreachable, if no server is found
   */
  static Consumer<byte[], byte[]> take(Map<String, String> settings) {
    Deque<Idle> idle = of(settings);
    closeOld(idle);
    Idle first = idle.pollFirst();
    if (first != null) {
      return first.consumer();
    }
    try {
      return new KafkaConsumer<>(
          Map.copyOf(settings), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    } catch (KafkaException e) {
      throw KafkaConnection.cannotStart(settings, e);
    }
  }

  /**
   * Closes the consumers that nobody has used for five minutes. The last ones were used the longest
   * time ago.
   */
  private static void closeOld(Deque<Idle> idle) {
    for (Idle last = idle.pollLast(); last != null; last = idle.pollLast()) {
      if (!last.isOld()) {
        idle.addLast(last);
        return;
      }
      last.close();
    }
  }

  /** Takes back a consumer that has no error, and drops the records that it has fetched. */
  static void keep(Map<String, String> settings, Consumer<byte[], byte[]> consumer) {
    consumer.unsubscribe();
    of(settings).addFirst(new Idle(consumer, System.nanoTime()));
  }

  /**
   * Closes a consumer, and all idle ones: the next ones ask for the addresses and the login anew.
   */
  static void drop(Map<String, String> settings, Consumer<byte[], byte[]> consumer) {
    consumer.close(Duration.ZERO);
    Deque<Idle> idle = of(settings);
    for (Idle next = idle.pollFirst(); next != null; next = idle.pollFirst()) {
      next.close();
    }
  }

  private static Deque<Idle> of(Map<String, String> settings) {
    return BY_SETTINGS.computeIfAbsent(settings, key -> new ConcurrentLinkedDeque<>());
  }
}
