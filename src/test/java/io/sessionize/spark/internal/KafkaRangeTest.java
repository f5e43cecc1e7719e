package io.sessionize.spark.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sessionize.offsets.Offsets;
import io.sessionize.source.KafkaConnection;
import io.sessionize.source.KafkaReadOptions;
import io.sessionize.testing.TestBroker;
import io.sessionize.testing.TestSpark;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.spark.api.java.JavaRDD;
import org.junit.jupiter.api.Test;

class KafkaRangeTest {
  private static final int MEGABYTE = 1_000_000;
  private static final long RECORDS = 1 + Runtime.getRuntime().maxMemory() / MEGABYTE;

  @Test
  void compressedRecordsLargerThanTheHeapAreReadInPieces() {
    // Given one partition that fits into one fetch, with records that together exceed the heap
    String topic = TestBroker.shared().createTopic("unpacks", 1);
    try (KafkaProducer<byte[], byte[]> producer = compressing()) {
      byte[] value = new byte[MEGABYTE];
      for (int i = 0; i < RECORDS; i++) {
        producer.send(new ProducerRecord<>(topic, value));
      }
    }
    // When all records are read, then none is missing
    long bytes =
        read(topic, RECORDS).map(record -> (long) record.record().value().length).reduce(Long::sum);
    assertEquals(RECORDS * MEGABYTE, bytes);
  }

  @Test
  void onePartitionIsReadByAllCores() {
    String topic = TestBroker.shared().createTopic("hot", 1);
    try (KafkaProducer<byte[], byte[]> producer = compressing()) {
      for (int i = 0; i < 50_000; i++) {
        producer.send(new ProducerRecord<>(topic, new byte[1]));
      }
    }
    List<Integer> tasks = read(topic, 50_000).map(record -> 1).glom().map(List::size).collect();
    assertEquals(List.of(25_000, 25_000), tasks);
  }

  private static JavaRDD<ReadRecord> read(String topic, long end) {
    KafkaReadOptions source =
        new KafkaReadOptions(
            new KafkaConnection(TestBroker.shared().servers(), Map.of()),
            Set.of(topic),
            null,
            Long.MAX_VALUE,
            true);
    return new KafkaRange(TestSpark.session(), source).read(at(topic, 0), at(topic, end)).all();
  }

  private static Offsets at(String topic, long next) {
    return Offsets.of(topic, Map.of(0, next));
  }

  private static KafkaProducer<byte[], byte[]> compressing() {
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers",
            TestBroker.shared().servers(),
            "compression.type",
            "zstd",
            "batch.size",
            16 * MEGABYTE,
            "max.request.size",
            16 * MEGABYTE,
            "linger.ms",
            200);
    return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }
}
