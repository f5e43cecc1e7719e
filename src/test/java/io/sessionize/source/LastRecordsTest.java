package io.sessionize.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.testing.TestBroker;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

class LastRecordsTest {
  private final TestBroker broker = TestBroker.shared();

  @Test
  void theNewestOffsetsOfEachPartitionAreRead() {
    String topic = broker.createTopic("last", 3);
    List<ProducerRecord<String, byte[]>> records = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      records.add(record(topic, 0, "a" + i));
    }
    records.add(record(topic, 2, "c0"));
    broker.send(records);
    assertEquals(List.of("0/3 a3", "0/4 a4", "2/0 c0"), read(topic, 2));
    assertEquals(6, read(topic, 1000).size());
  }

  @Test
  void anEmptyTopicHasNone() {
    assertEquals(List.of(), read(broker.createTopic("last", 1), 10));
  }

  @Test
  void aTopicThatIsNotThereIsAnErrorOfUsage() {
    Failure failure = assertThrows(Failure.class, () -> read("not-there", 10));
    assertEquals(Failure.Kind.USAGE, failure.kind());
    assertTrue(failure.getMessage().contains("There is no topic not-there"), failure.getMessage());
  }

  private static ProducerRecord<String, byte[]> record(String topic, int partition, String value) {
    return new ProducerRecord<>(topic, partition, null, value.getBytes(StandardCharsets.UTF_8));
  }

  private List<String> read(String topic, long most) {
    KafkaConnection connection = new KafkaConnection(broker.servers(), Map.of());
    return LastRecords.read(connection, topic, most).stream()
        .map(
            record ->
                record.partition()
                    + "/"
                    + record.offset()
                    + " "
                    + new String(record.value(), StandardCharsets.UTF_8))
        .toList();
  }
}
