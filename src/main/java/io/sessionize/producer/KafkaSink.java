package io.sessionize.producer;

import io.sessionize.Failure;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends messages to one topic, in order within a partition and each once, and counts the confirmed
 * ones. After a failure, it sends nothing more. The Kafka timestamp is the time of sending, also
 * for replays, because Kafka's retention uses it. Not thread-safe, except for {@link #confirmed}.
 */
public final class KafkaSink implements AutoCloseable {
  private static final int DELIVERY_TIMEOUT_MS = 30_000;
  private static final int REQUEST_TIMEOUT_MS = 10_000;
  private static final int LINGER_MS = 10;
  private static final int BATCH_BYTES = 1 << 17;

  private final Producer<byte[], byte[]> producer;
  private final String topic;
  private final AtomicLong confirmed = new AtomicLong();
  private final AtomicReference<Refused> refused = new AtomicReference<>();

  /** A message that could not be sent, and why. */
  private record Refused(Message message, Exception cause) {}

  KafkaSink(Producer<byte[], byte[]> producer, String topic) {
    this.producer = producer;
    this.topic = topic;
  }

  /**
   * Connects to Kafka and creates the topic if it does not exist.
   *
   * @throws Failure if Kafka does not answer within about 15 seconds
   */
  public static KafkaSink open(Target target) throws InterruptedException {
    Topics.ensure(target);
    try {
      ByteArraySerializer bytes = new ByteArraySerializer();
      return new KafkaSink(new KafkaProducer<>(settings(target), bytes, bytes), target.topic());
    } catch (KafkaException e) {
      throw KafkaFailure.of(e, "Cannot start a Kafka producer", "Check --kafka-properties.");
    }
  }

  private static Map<String, Object> settings(Target target) {
    Map<String, Object> settings = new HashMap<>();
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    // With several requests in flight, a topic in creation may refuse the first and accept the
    // second. Kafka cannot restore their order, and sending fails.
    settings.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
    settings.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    settings.put(ProducerConfig.LINGER_MS_CONFIG, LINGER_MS);
    settings.put(ProducerConfig.BATCH_SIZE_CONFIG, BATCH_BYTES);
    settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_TIMEOUT_MS);
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, DELIVERY_TIMEOUT_MS);
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, DELIVERY_TIMEOUT_MS);
    settings.putAll(target.connection().clientSettings());
    return settings;
  }

  /** Returns the name of the topic. */
  public String topic() {
    return topic;
  }

  /** Returns the number of messages that Kafka has confirmed so far. */
  public long confirmed() {
    return confirmed.get();
  }

  /**
   * Passes a message to the client. It blocks only if the buffer of the client is full.
   *
   * @throws Failure if this message or an earlier one could not be sent
   */
  void send(Message message) {
    check();
    try {
      producer.send(
          new ProducerRecord<>(topic, message.key(), message.value()),
          (metadata, exception) -> {
            if (exception == null) {
              confirmed.incrementAndGet();
            } else {
              refused.compareAndSet(null, new Refused(message, exception));
            }
          });
    } catch (KafkaException e) {
      refused.compareAndSet(null, new Refused(message, e));
    }
    // Some failures are immediate, such as a message that is too large.
    check();
  }

  /**
   * Waits until all messages are confirmed.
   *
   * @throws Failure if a message could not be sent
   */
  void flush() {
    producer.flush();
    check();
  }

  private void check() {
    Refused first = refused.get();
    if (first != null) {
      String failed =
          "Kafka did not accept an event%s for topic '%s' after %d confirmed events"
              .formatted(first.message().place(), topic, confirmed.get());
      String advice =
          first.cause() instanceof RecordTooLargeException
              ? "Raise max.request.size in --kafka-properties and max.message.bytes of the topic."
              : "Check that Kafka is running, then send again.";
      throw KafkaFailure.of(first.cause(), failed, advice);
    }
  }

  /** Sends what is buffered. After a failure, it discards the buffer. */
  @Override
  public void close() {
    boolean broken = refused.get() != null;
    producer.close(broken ? Duration.ZERO : Duration.ofMillis(DELIVERY_TIMEOUT_MS));
  }
}
