package io.sessionize.testing;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.event.Decoded;
import io.sessionize.event.KafkaRecord;
import io.sessionize.event.RecordDecoder;
import io.sessionize.session.Oracle.Click;
import io.sessionize.source.KafkaConnection;
import io.sessionize.source.KafkaReadOptions;
import io.sessionize.source.KafkaTopics;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** A topic that remembers the sent records and their expected results. */
public final class ScenarioTopic {
  private final TestBroker broker;
  private final String name;
  private final List<Click> clicks = new ArrayList<>();
  private final List<Rejected> rejected = new ArrayList<>();
  private final Map<Integer, Long> next = new TreeMap<>();
  private long maxBytes = Long.MAX_VALUE;

  /**
   * A record that must be rejected.
   *
   * @param value its bytes as ISO 8859-1, or null
   */
  public record Rejected(String reason, int partition, long offset, String key, String value) {
    static String bytes(byte[] bytes) {
      return bytes == null ? null : new String(bytes, StandardCharsets.ISO_8859_1);
    }
  }

  public ScenarioTopic(TestBroker broker, int partitions) {
    this.broker = broker;
    name = broker.createTopic("scenario", partitions);
  }

  /** Limits the bytes of a batch. */
  public void maxBytes(long bytes) {
    maxBytes = bytes;
  }

  public String name() {
    return name;
  }

  public KafkaReadOptions source(
      Long maxOffsets, boolean failOnDataLoss, Map<String, String> settings) {
    return new KafkaReadOptions(
        new KafkaConnection(broker.servers(), settings),
        Set.of(name),
        maxOffsets,
        maxBytes,
        failOnDataLoss);
  }

  public KafkaTopics describe() {
    return KafkaTopics.describe(new KafkaConnection(broker.servers(), Map.of()), Set.of(name));
  }

  public void send(List<TestClick> valid) {
    List<ProducerRecord<String, byte[]>> records = new ArrayList<>();
    for (TestClick click : valid) {
      records.add(click.record(name));
      next.merge(click.partition(), 1L, Long::sum);
    }
    broker.send(records);
    promise(valid);
  }

  /** Sends a click in another JSON form. */
  public void send(TestClick click, byte[] json) {
    next.merge(click.partition(), 1L, Long::sum);
    broker.send(name, click.partition(), click.key(), json, click.sentMs());
    promise(List.of(click));
  }

  /** Adds these clicks to the expected ones without sending them. */
  public void promise(List<TestClick> valid) {
    valid.forEach(click -> clicks.add(click.click()));
  }

  /** Sends a record that must be rejected for this reason. */
  public void sendRejected(String reason, TestClick click) {
    sendRejected(reason, click.partition(), click.key(), click.json(), click.sentMs());
  }

  public void sendRejected(String reason, int partition, String key, byte[] value, long sentMs) {
    sendRejected(reason, partition, key, value, List.of(sentMs));
  }

  /** Sends the same record at several times. It must be rejected for this reason each time. */
  public void sendRejected(
      String reason, int partition, String key, byte[] value, List<Long> sentMs) {
    List<ProducerRecord<String, byte[]>> records = new ArrayList<>();
    for (long ms : sentMs) {
      long offset = next.merge(partition, 1L, Long::sum) - 1;
      records.add(TestClick.record(name, partition, key, value, ms));
      rejected.add(new Rejected(reason, partition, offset, key, Rejected.bytes(value)));
    }
    broker.send(records);
  }

  /** Sends any values; the decoder decides the expected result of each. */
  public void sendDecoded(RecordDecoder decoder, int partition, long sentMs, List<byte[]> values) {
    List<ProducerRecord<String, byte[]>> records = new ArrayList<>();
    for (byte[] value : values) {
      long offset = next.merge(partition, 1L, Long::sum) - 1;
      records.add(new ProducerRecord<>(name, partition, sentMs, null, value));
      decoder.decode(
          new KafkaRecord(name, partition, offset, sentMs, value),
          decoded -> {
            if (decoded instanceof Decoded.Valid valid) {
              clicks.add(new Click(valid.uuid(), valid.event()));
            } else {
              String reason = ((Decoded.Rejected) decoded).reason().text();
              rejected.add(new Rejected(reason, partition, offset, null, Rejected.bytes(value)));
            }
          });
    }
    broker.send(records);
  }

  /** All valid clicks so far, copies included. */
  public List<Click> clicks() {
    return clicks;
  }

  /** All other records so far. */
  public List<Rejected> rejected() {
    return rejected;
  }

  public void growTo(int partitions) {
    await(
        broker.admin().createPartitions(Map.of(name, NewPartitions.increaseTo(partitions))).all());
    awaitPartitions(partitions);
  }

  /** Deletes records, as retention does. */
  public void deleteBefore(int partition, long offset) {
    TopicPartition where = new TopicPartition(name, partition);
    await(broker.admin().deleteRecords(Map.of(where, RecordsToDelete.beforeOffset(offset))).all());
  }

  public void delete() {
    await(broker.admin().deleteTopics(Set.of(name)).all());
    awaitMetadata(Optional::isEmpty);
  }

  public void deleteAndMakeAnew(int partitions) {
    delete();
    await(broker.admin().createTopics(Set.of(new NewTopic(name, partitions, (short) 1))).all());
    awaitPartitions(partitions);
    next.clear();
  }

  private void awaitPartitions(int count) {
    awaitMetadata(known -> known.isPresent() && known.get().partitions().size() == count);
  }

  /** Waits until the broker knows of a change. The controller confirms it earlier. */
  private void awaitMetadata(Predicate<Optional<TopicDescription>> changed) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!changed.test(known())) {
      assertTrue(System.nanoTime() < end, () -> name + " as before: " + known());
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
  }

  private Optional<TopicDescription> known() {
    try {
      return Optional.of(
          await(broker.admin().describeTopics(Set.of(name)).topicNameValues().get(name)));
    } catch (AssertionError e) {
      if (e.getCause() instanceof ExecutionException failed
          && failed.getCause() instanceof UnknownTopicOrPartitionException) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static <T> T await(KafkaFuture<T> future) {
    try {
      return future.get();
    } catch (InterruptedException | ExecutionException e) {
      throw new AssertionError(e);
    }
  }
}
