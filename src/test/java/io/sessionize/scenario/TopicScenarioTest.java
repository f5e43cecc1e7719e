package io.sessionize.scenario;

import static io.sessionize.testing.TestClick.at;
import static io.sessionize.testing.TestClick.click;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sessionize.audit.Status;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Session;
import io.sessionize.source.KafkaConnection;
import io.sessionize.source.KafkaTopic;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.TestBroker;
import io.sessionize.testing.TestClick;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

/** What may happen to a topic while it is in use. */
class TopicScenarioTest {
  private final Scenario scenario = new Scenario(1);

  @Test
  void partitionsAddedBetweenRunsAreReadFromTheirBeginning() {
    scenario.send(click("ann", "08:00"));
    scenario.runAt("08:01");
    scenario.topic().growTo(2);
    scenario.assertNothingToDoAt("08:02");

    scenario.send(click("ann", "08:10").on(1), click("bob", "06:00").on(1), click("ann", "08:20"));
    scenario.runAt("08:21");
    scenario.assertEqualToOracle();

    scenario.topic().growTo(3);
    scenario.deleteCheckpoint();
    scenario.send(click("ann", "08:30").on(2), click("clock", "10:00").on(1));
    scenario.runAt("10:01");
    scenario.assertEqualToOracle();
    scenario.assertReportsCountEverything();
  }

  @Test
  void abortedTransactionsAreNotCountedAndTheirMarkersAreReadOnce() {
    scenario.offsetsHaveHoles();
    try (KafkaProducer<String, byte[]> producer = transactional()) {
      // Given records that were committed, aborted, and sent without a transaction
      producer.initTransactions();
      committed(producer, click("ann", "08:00"), click("ann", "08:05"));
      aborted(producer, click("ann", "08:10"), click("eve", "08:11"));
      scenario.send(click("ann", "08:12"));
      aborted(producer, click("eve", "08:13"));
      // When it is run; then only the first and the last count, and it is done
      assertEquals(3, scenario.runAt("08:14").records());
      scenario.assertEqualToOracle();
      scenario.assertNothingToDoAt("08:14");

      // When a transaction is not over; then nobody sees it, nor what came after it
      TestClick pending = click("ann", "08:20");
      begin(producer, pending);
      scenario.send(click("ann", "08:25"));
      Map<String, Session> before = scenario.live().byId();
      scenario.assertNothingToDoAt("08:26");
      assertEquals(before, scenario.live().byId());
      producer.commitTransaction();
      scenario.topic().promise(List.of(pending));
      scenario.maxOffsets(1);
      assertEquals(2, scenario.runAt("08:27").records());
      scenario.assertEqualToOracle();

      // When nothing comes but what is aborted; then the offsets move over it, once
      aborted(producer, click("eve", "08:30"));
      assertEquals(0, scenario.runAt("08:31").records());
      scenario.assertNothingToDoAt("08:31");
      scenario.assertEqualToOracle();
      scenario.assertReportsCountEverything();
    }
  }

  @Test
  void whileATransactionIsOpenLatestIsWhatCanBeRead() {
    scenario.offsetsHaveHoles();
    scenario.send(click("ann", "08:00"), click("bob", "08:05"));
    scenario.runAt("08:10");
    try (KafkaProducer<String, byte[]> producer = transactional()) {
      producer.initTransactions();
      begin(producer, click("ann", "08:20"));
      scenario.send(click("bob", "08:25"));

      // Then latest is where the transaction begins, and so is a time that nothing before it has
      KafkaConnection connection = new KafkaConnection(TestBroker.shared().servers(), Map.of());
      KafkaTopic topic = scenario.topic().describe();
      assertEquals(new Offsets(Map.of(0, 2L)), topic.latest());
      assertEquals(topic.latest(), topic.at(connection, Instant.ofEpochMilli(at("08:15"))));
      assertEquals(topic.latest(), topic.at(connection, Instant.ofEpochMilli(at("23:00"))));

      // Then a backfill up to there waits for nothing, and no offset waits for a run
      assertEquals(2, scenario.backfill(scenario.everything(), true).batch().records());
      Status status =
          Status.of(
              scenario.names().table(), scenario.tables().base(), topic, null, 0, Instant.now());
      assertEquals(0, status.records());

      // Who reads what is not committed is told of all that there is
      KafkaConnection uncommitted =
          new KafkaConnection(connection.servers(), Map.of("isolation.level", "read_uncommitted"));
      KafkaTopic all = KafkaTopic.describe(uncommitted, topic.name());
      assertEquals(new Offsets(Map.of(0, 4L)), all.latest());
      assertEquals(
          new Offsets(Map.of(0, 2L)), all.at(uncommitted, Instant.ofEpochMilli(at("08:15"))));
      producer.abortTransaction();
    }
  }

  private void committed(KafkaProducer<String, byte[]> producer, TestClick... clicks) {
    begin(producer, clicks);
    producer.commitTransaction();
    scenario.topic().promise(List.of(clicks));
  }

  private void aborted(KafkaProducer<String, byte[]> producer, TestClick... clicks) {
    begin(producer, clicks);
    producer.abortTransaction();
  }

  private void begin(KafkaProducer<String, byte[]> producer, TestClick... clicks) {
    producer.beginTransaction();
    Stream.of(clicks).forEach(click -> producer.send(click.record(scenario.topic().name())));
    producer.flush();
  }

  private KafkaProducer<String, byte[]> transactional() {
    return new KafkaProducer<>(
        Map.of(
            "bootstrap.servers",
            TestBroker.shared().servers(),
            "transactional.id",
            scenario.topic().name()),
        new StringSerializer(),
        new ByteArraySerializer());
  }
}
