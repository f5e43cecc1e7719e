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
 * Sends messages to one topic, in order within a partition, each once, and counts those that Kafka
 * has confirmed. The first failure is the last: nothing is sent after it. The Kafka timestamp is
 * the time of sending, also for replays, because Kafka's retention goes by it.
 */
public final class KafkaSink implements AutoCloseable {
  private static final int DELIVERY_TIMEOUT_MS = 30_000;
  private static final int REQUEST_TIMEOUT_MS = 10_000;
  private static final int LINGER_MS = 10;
  private static final int BATCH_BYTES = 1 << 17;

  private final Producer<byte[], byte[]> producer;
  private final String topic;
  private final AtomicLong confirmed = new AtomicLong();
  private final AtomicReference<Exception> failure = new AtomicReference<>();

  KafkaSink(Producer<byte[], byte[]> producer, String topic) {
    this.producer = producer;
    this.topic = topic;
  }

  /**
   * Connects, and creates the topic where there is none.
   *
   * @throws Failure where Kafka does not answer within about 15 seconds
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
    // Of several requests on their way, a topic that is being made may refuse the first and take
    // the second: Kafka never puts those in order again, and the sending fails.
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

  /** The topic's name. */
  public String topic() {
    return topic;
  }

  /** How many messages Kafka has confirmed so far. */
  public long confirmed() {
    return confirmed.get();
  }

  /**
   * Hands a message over; waits only where more than the client's buffer is on its way.
   *
   * @throws Failure where this message, or any before it, could not be sent
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
              failure.compareAndSet(null, exception);
            }
          });
    } catch (KafkaException e) {
      failure.compareAndSet(null, e);
    }
    // Again, for what fails at once, such as a message that is too large.
    check();
  }

  /**
   * Waits until all that was handed over is confirmed.
   *
   * @throws Failure where anything could not be sent
   */
  void flush() {
    producer.flush();
    check();
  }

  private void check() {
    Exception exception = failure.get();
    if (exception != null) {
      String failed = "Kafka did not take an event for topic '%s' after %d";
      String advice =
          exception instanceof RecordTooLargeException
              ? "Raise max.request.size in --kafka-properties and max.message.bytes of the topic."
              : "See whether Kafka is up, then send again.";
      throw KafkaFailure.of(exception, failed.formatted(topic, confirmed.get()), advice);
    }
  }

  /** Sends what is on its way, unless something failed: then nothing after it is worth the wait. */
  @Override
  public void close() {
    boolean broken = failure.get() != null;
    producer.close(broken ? Duration.ZERO : Duration.ofMillis(DELIVERY_TIMEOUT_MS));
  }
}
