package io.sessionize.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.session.Partition;
import io.sessionize.testing.TestBroker;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import javax.management.ObjectName;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

class RangeReaderTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Kafka's default of {@code max.poll.records}. */
  private static final int POLL = 500;

  private final TestBroker broker = TestBroker.shared();

  @Test
  void rangesAreReadToTheirEndsAndNotBeyond() {
    String topic = topic(3, 3);
    List<PartitionRange> ranges =
        List.of(range(topic, 1, 0, 1), range(topic, 0, 1, 3), range(topic, 2, 0, 3));
    assertEquals(
        List.of("0:1", "0:2", "1:0", "2:0", "2:1", "2:2"),
        read(ranges, PATIENCE).stream().sorted().toList());
  }

  @Test
  void aPartitionWhoseRangeIsReadStaysQuietWhileOthersAreRead() {
    String topic = topic(2_000, 2);
    List<String> read = read(List.of(range(topic, 0, 0, 10), range(topic, 1, 0, 2_000)), PATIENCE);
    assertEquals(
        Stream.concat(
                IntStream.range(0, 10).mapToObj(i -> "0:" + i),
                IntStream.range(0, 2_000).mapToObj(i -> "1:" + i))
            .sorted()
            .toList(),
        read.stream().sorted().toList());
  }

  @Test
  void theEndOfATransactionAfterAFullPollIsNotWaitedFor() {
    // Given a transaction of as many records as a poll returns, and another partition
    String topic = broker.createTopic("ranges", 2);
    try (KafkaProducer<String, byte[]> producer = transactional(topic)) {
      producer.initTransactions();
      producer.beginTransaction();
      IntStream.range(0, POLL)
          .forEach(i -> producer.send(new ProducerRecord<>(topic, 0, "key", new byte[0])));
      producer.commitTransaction();
    }
    broker.send(List.of(new ProducerRecord<>(topic, 1, "key", new byte[0])));
    List<PartitionRange> ranges = List.of(range(topic, 0, 0, POLL + 1), range(topic, 1, 0, 1));
    assertEquals(
        POLL + 1, assertTimeout(PATIENCE, () -> read(ranges, PATIENCE.multipliedBy(2))).size());
  }

  @Test
  void offsetsOfTransactionsArePassed() {
    // Given two records and the end of their transaction; two that were aborted, and their end
    String topic = broker.createTopic("ranges", 1);
    try (KafkaProducer<String, byte[]> producer = transactional(topic)) {
      producer.initTransactions();
      producer.beginTransaction();
      send(producer, topic);
      producer.commitTransaction();
      producer.beginTransaction();
      send(producer, topic);
      producer.flush();
      producer.abortTransaction();
    }
    assertEquals(List.of("0:0", "0:1"), read(List.of(range(topic, 0, 0, 3)), PATIENCE));
    assertEquals(List.of("0:0", "0:1"), read(List.of(range(topic, 0, 0, 6)), PATIENCE));
    assertEquals(List.of(), read(List.of(range(topic, 0, 3, 6)), PATIENCE));
    assertEquals(List.of(), read(List.of(range(topic, 0, 2, 3)), PATIENCE));
  }

  @Test
  void anyRangesHoldTheCommittedRecordsWithin() throws Exception {
    // Given transactions of any size in any partition, a third of them aborted
    Random random = new Random(26);
    String topic = broker.createTopic("ranges", 4);
    List<String> committed = new ArrayList<>();
    try (KafkaProducer<String, byte[]> producer = transactional(topic)) {
      producer.initTransactions();
      for (int i = 0; i < 60; i++) {
        producer.beginTransaction();
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (int record = random.nextInt(200); record > 0; record--) {
          int partition = random.nextInt(1 + i % 4);
          sent.add(producer.send(new ProducerRecord<>(topic, partition, "key", new byte[0])));
        }
        producer.flush();
        if (random.nextInt(3) == 0) {
          producer.abortTransaction();
        } else {
          producer.commitTransaction();
          for (Future<RecordMetadata> record : sent) {
            committed.add(record.get().partition() + ":" + record.get().offset());
          }
        }
      }
    }
    KafkaConnection connection = new KafkaConnection(broker.servers(), Map.of());
    Map<Partition, Long> ends = KafkaTopics.describe(connection, Set.of(topic)).latest().next();
    // When any ranges are read, by the same consumers, then they have the records within
    for (int i = 0; i < 40; i++) {
      List<PartitionRange> ranges = new ArrayList<>();
      Set<String> within = new TreeSet<>();
      ends.forEach(
          (partition, end) -> {
            long from = random.nextLong(end);
            long to = from + 1 + random.nextLong(end - from);
            if (random.nextInt(4) > 0) {
              ranges.add(new PartitionRange(partition, from, to));
              LongStream.range(from, to)
                  .forEach(offset -> within.add(partition.number() + ":" + offset));
            }
          });
      assertEquals(
          committed.stream().filter(within::contains).sorted().toList(),
          read(ranges, PATIENCE).stream().sorted().toList(),
          ranges.toString());
    }
  }

  @Test
  void deletedOffsetsAreAnError() throws Exception {
    String topic = topic(5, 1);
    broker
        .admin()
        .deleteRecords(Map.of(new TopicPartition(topic, 0), RecordsToDelete.beforeOffset(3)))
        .all()
        .get(60, TimeUnit.SECONDS);
    assertEquals(List.of("0:3", "0:4"), read(List.of(range(topic, 0, 3, 5)), PATIENCE));
    Exception lost =
        assertThrows(
            OffsetOutOfRangeException.class, () -> read(List.of(range(topic, 0, 2, 5)), PATIENCE));
    assertTrue(KafkaErrors.isDataLoss(lost));
    assertEquals("Kafka does not have the offsets {" + topic + "-0=2}", lost.getMessage());
  }

  @Test
  void offsetsBeyondTheEndAreAnError() {
    // Given a topic that was made anew since the range was planned
    String topic = topic(5, 1);
    assertThrows(
        OffsetOutOfRangeException.class, () -> read(List.of(range(topic, 0, 7, 9)), PATIENCE));
  }

  @Test
  void recordsThatDoNotComeAreAnError() {
    String topic = topic(5, 1);
    Exception missing =
        assertThrows(
            TimeoutException.class,
            () -> read(List.of(range(topic, 0, 4, 9)), Duration.ofSeconds(1)));
    assertEquals(
        "no record of partition "
            + topic
            + ":0 from offset 5 on within 1 s; partitions not read to their ends: 1",
        missing.getMessage());
  }

  @Test
  void consumersAreUsedAgainUnlessAReaderFails() throws Exception {
    String topic = topic(5, 1);
    // Settings that no other test has
    Map<String, String> settings = settings(Map.of("client.rack", topic));
    long before = consumers();
    // When two readers read one after the other, then they use the same consumer
    for (int i = 0; i < 2; i++) {
      assertEquals(List.of("0:0"), read(settings, List.of(range(topic, 0, 0, 1)), PATIENCE));
      assertEquals(before + 1, consumers());
    }
    // When two read at the same time, then each has its own
    List<PartitionRange> ranges = List.of(range(topic, 0, 1, 3));
    RangeReader one = new RangeReader(settings, ranges, PATIENCE);
    RangeReader other = new RangeReader(settings, ranges, PATIENCE);
    assertEquals(1, one.next().offset());
    assertEquals(1, other.next().offset());
    assertEquals(before + 2, consumers());
    // When they are closed, one of them twice, then the consumers are kept
    one.close();
    one.close();
    other.close();
    assertEquals(before + 2, consumers());
    // When a reader fails, then its consumer is closed, and so is the idle one
    assertThrows(
        OffsetOutOfRangeException.class,
        () -> read(settings, List.of(range(topic, 0, 7, 9)), PATIENCE));
    assertEquals(before, consumers());
  }

  private List<String> read(List<PartitionRange> ranges, Duration patience) {
    return read(settings(Map.of()), ranges, patience);
  }

  private static List<String> read(
      Map<String, String> settings, List<PartitionRange> ranges, Duration patience) {
    List<String> offsets = new ArrayList<>();
    try (RangeReader reader = new RangeReader(settings, ranges, patience)) {
      reader.forEachRemaining(record -> offsets.add(record.partition() + ":" + record.offset()));
    }
    return offsets;
  }

  private static long consumers() throws Exception {
    return ManagementFactory.getPlatformMBeanServer()
        .queryNames(new ObjectName("kafka.consumer:type=app-info,id=*"), null)
        .size();
  }

  private Map<String, String> settings(Map<String, String> more) {
    KafkaConnection connection = new KafkaConnection(broker.servers(), more);
    return new KafkaReadOptions(connection, Set.of(), null, Long.MAX_VALUE, true)
        .consumerSettings(1);
  }

  /** Creates a topic with this many records in each partition. */
  private String topic(int records, int partitions) {
    String topic = broker.createTopic("ranges", partitions);
    broker.send(
        IntStream.range(0, records * partitions)
            .mapToObj(
                i ->
                    new ProducerRecord<>(
                        topic, i % partitions, "key", "{}".getBytes(StandardCharsets.UTF_8)))
            .toList());
    return topic;
  }

  private KafkaProducer<String, byte[]> transactional(String id) {
    return new KafkaProducer<>(
        Map.of("bootstrap.servers", broker.servers(), "transactional.id", id),
        new StringSerializer(),
        new ByteArraySerializer());
  }

  private static void send(KafkaProducer<String, byte[]> producer, String topic) {
    for (int i = 0; i < 2; i++) {
      producer.send(new ProducerRecord<>(topic, 0, "key", new byte[0]));
    }
  }

  private static PartitionRange range(String topic, int partition, long from, long to) {
    return new PartitionRange(new Partition(topic, partition), from, to);
  }
}
