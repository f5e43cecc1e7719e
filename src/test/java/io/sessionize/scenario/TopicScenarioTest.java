package io.sessionize.scenario;

import static io.sessionize.testing.TestClick.at;
import static io.sessionize.testing.TestClick.click;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sessionize.audit.Status;
import io.sessionize.audit.Status.Answer;
import io.sessionize.audit.Status.Limits;
import io.sessionize.offsets.Offsets;
import io.sessionize.session.Session;
import io.sessionize.source.KafkaConnection;
import io.sessionize.source.KafkaTopics;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.TestBroker;
import io.sessionize.testing.TestClick;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

/** Changes of a topic in use. */
class TopicScenarioTest {
  private final Scenario scenario = new Scenario(1);

  @Test
  void partitionsAddedBetweenRunsAreReadFromTheBeginning() {
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
  void abortedTransactionsAreSkippedAndPassedOnce() {
    scenario.offsetsHaveHoles();
    try (KafkaProducer<String, byte[]> producer = transactional()) {
      // Given records that were committed, aborted, and sent without a transaction
      producer.initTransactions();
      committed(producer, click("ann", "08:00"), click("ann", "08:05"));
      aborted(producer, click("ann", "08:10"), click("eve", "08:11"));
      scenario.send(click("ann", "08:12"));
      aborted(producer, click("eve", "08:13"));
      // When a run reads them; then only the first and the last count, and the run ends
      assertEquals(3, scenario.runAt("08:14").read().records());
      scenario.assertEqualToOracle();
      scenario.assertNothingToDoAt("08:14");

      // When a transaction is open; then its records and later ones are not read
      TestClick pending = click("ann", "08:20");
      begin(producer, pending);
      scenario.send(click("ann", "08:25"));
      Map<String, Session> before = scenario.live().byId();
      scenario.assertNothingToDoAt("08:26");
      assertEquals(before, scenario.live().byId());
      producer.commitTransaction();
      scenario.topic().promise(List.of(pending));
      scenario.maxOffsets(1);
      assertEquals(2, scenario.runAt("08:27").read().records());
      scenario.assertEqualToOracle();

      // When only aborted records arrive; then the offsets pass them once
      aborted(producer, click("eve", "08:30"));
      assertEquals(0, scenario.runAt("08:31").read().records());
      scenario.assertNothingToDoAt("08:31");
      scenario.assertEqualToOracle();
      scenario.assertReportsCountEverything();
    }
  }

  @Test
  void latestIsTheStartOfAnOpenTransaction() {
    scenario.offsetsHaveHoles();
    scenario.send(click("ann", "08:00"), click("bob", "08:05"));
    scenario.runAt("08:10");
    try (KafkaProducer<String, byte[]> producer = transactional()) {
      producer.initTransactions();
      begin(producer, click("ann", "08:20"));
      scenario.send(click("bob", "08:25"));

      // Then latest is the start of the transaction, and so is a time after all earlier records
      KafkaConnection connection = new KafkaConnection(TestBroker.shared().servers(), Map.of());
      KafkaTopics topic = scenario.topic().describe();
      String name = scenario.topic().name();
      assertEquals(Offsets.of(name, Map.of(0, 2L)), topic.latest());
      assertEquals(topic.latest(), topic.at(connection, Instant.ofEpochMilli(at("08:15"))));
      assertEquals(topic.latest(), topic.at(connection, Instant.ofEpochMilli(at("23:00"))));

      // Then a backfill up to there does not wait, and status shows no waiting offset
      assertEquals(2, scenario.backfill(scenario.everything(), true).batch().read().records());
      Status status =
          Status.of(
              scenario.names().table(),
              scenario.tables().base(),
              null,
              new Answer(topic, topic.latest(), null),
              Limits.NONE,
              0,
              null,
              Instant.now());
      assertEquals(0, status.records());

      // With read_uncommitted, latest is the end of the partition
      KafkaConnection uncommitted =
          new KafkaConnection(connection.servers(), Map.of("isolation.level", "read_uncommitted"));
      KafkaTopics all = KafkaTopics.describe(uncommitted, Set.of(name));
      assertEquals(Offsets.of(name, Map.of(0, 4L)), all.latest());
      assertEquals(
          Offsets.of(name, Map.of(0, 2L)), all.at(uncommitted, Instant.ofEpochMilli(at("08:15"))));
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
