package io.sessionize.scenario;

import static io.sessionize.testing.TestClick.at;
import static io.sessionize.testing.TestClick.click;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.event.Definition;
import io.sessionize.event.HostileJson;
import io.sessionize.event.Limits;
import io.sessionize.event.MappingDecoder;
import io.sessionize.event.RecordDecoder;
import io.sessionize.job.BatchReport;
import io.sessionize.testing.Scenario;
import io.sessionize.testing.ScenarioTopic;
import io.sessionize.testing.TestBroker;
import io.sessionize.testing.TestClick;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** Unusual timestamps, keys, headers and compression of records. */
class HostileTopicScenarioTest {
  private static final long NO_TIMESTAMP = -1;
  private static final int MOST_THAT_THE_BROKER_TAKES = 1_000_000;

  private final Scenario scenario = new Scenario(2);

  @Test
  void recordsWithoutTimestampDelayNothing() {
    assertReadWhatever(NO_TIMESTAMP);
  }

  @Test
  void recordsWithImpossibleTimestampsCount() {
    assertReadWhatever(1772438400000_000L, 1772438400000_000_000L, Long.MAX_VALUE);
  }

  private void assertReadWhatever(long... claimedMs) {
    ScenarioTopic topic = scenario.topic();
    // Given records with these timestamps, two in each of two runs
    for (String time : List.of("08:00", "08:10")) {
      for (long claimed : claimedMs) {
        topic.send(List.of(click("user of " + claimed, time).sentAt(claimed)));
        topic.sendRejected("malformed", 1, "k", "broken".getBytes(UTF_8), claimed);
      }
      scenario.runAt("08:11");
    }
    // Then they count as any other, and an hour without records closes their sessions
    assertEquals(claimedMs.length, scenario.open().byId().size());
    assertEquals(claimedMs.length, scenario.runAt("09:11").sessions().added());
    scenario.assertEqualToOracle();
    scenario.assertReportsCountEverything();
  }

  @Test
  void compressedBatchesAreReadWithAnyKeysAndHeaders() {
    // Given batches of each codec, some of their records without a key, some with one in no charset
    for (String codec : List.of("gzip", "snappy", "lz4", "zstd")) {
      List<TestClick> clicks =
          IntStream.range(10, 60).mapToObj(minute -> click(codec, "08:" + minute)).toList();
      try (KafkaProducer<byte[], byte[]> producer = producer(codec)) {
        for (TestClick click : clicks) {
          byte[] key =
              click.timeMs() % 120_000 == 0 ? null : new byte[] {(byte) 0xFF, 0, (byte) 0xC3};
          var record =
              new ProducerRecord<>(scenario.topic().name(), 0, click.sentMs(), key, click.json());
          record.headers().add("", key).add("trace", new byte[] {(byte) 0x80});
          producer.send(record);
        }
        producer.flush();
        assertTrue(compressionRate(producer) < 0.7, codec);
      }
      scenario.topic().promise(clicks);
    }
    // When a run reads them; then all of them count
    assertEquals(200, scenario.runAt("09:00").read().events());
    scenario.assertEqualToOracle();
    scenario.assertReportsCountEverything();
  }

  @Test
  void mutatedRecordsAreEventsOrRowsOfTheRejectedTable() {
    HostileJson hostile = new HostileJson(new Random(7), at("08:00"));
    Limits limits = new Limits(Duration.ofMinutes(10).toMillis(), null);
    RecordDecoder decoder =
        new MappingDecoder(Definition.builtIn(scenario.topic().name()), 1, List.of(), limits);
    for (int partition = 0; partition < 2; partition++) {
      List<byte[]> values = new ArrayList<>(Stream.generate(hostile::next).limit(1_500).toList());
      values.removeIf(value -> value.length > MOST_THAT_THE_BROKER_TAKES);
      values.add("x".repeat(MOST_THAT_THE_BROKER_TAKES).getBytes(UTF_8));
      values.add(click("x".repeat(900_000), "08:00").json());
      scenario.topic().sendDecoded(decoder, partition, at("08:01"), values);
    }
    BatchReport report = scenario.runAt("08:02");
    assertTrue(report.read().events() > 500, report.toString());
    assertTrue(report.read().rejected().size() >= 5, report.toString());
    scenario.assertEqualToOracle();
    scenario.assertReportsCountEverything();
  }

  @Test
  void aBatchOfTooManyBytesIsReadInParts() {
    // Given small records, then large ones
    IntStream.range(10, 60).forEach(minute -> scenario.send(click("small", "08:" + minute)));
    sendLarge(100);
    // When a batch may have 2 MB, then a run reads parts, each with its own commit
    scenario.topic().maxBytes(2_000_000);
    assertEquals(150, scenario.runAt("09:00").read().events());
    assertTrue(scenario.batches().size() >= 6, scenario.batches().toString());
    scenario.assertEqualToOracle();
    scenario.assertReportsCountEverything();
    scenario.assertNothingToDoAt("09:00");
  }

  @Test
  void aRunThatStopsBetweenTwoPartsContinuesThere() {
    // Given a batch that is too large
    sendLarge(50);
    scenario.topic().maxBytes(2_000_000);
    // When the run stops after its first part
    long first =
        scenario.runAt("09:00", () -> !scenario.batches().isEmpty()).orElseThrow().read().events();
    assertEquals(1, scenario.batches().size());
    // Then the next run reads the rest
    assertEquals(50 - first, scenario.runAt("09:00").read().events());
    scenario.assertEqualToOracle();
  }

  @Test
  void aRecordAboveTheLimitIsABatchOfItsOwn() {
    String booking = "x".repeat(900_000);
    scenario.send(
        click("a", "08:30").booking(booking),
        click("b", "08:30").booking(booking),
        click("c", "08:30").booking(booking));
    scenario.topic().maxBytes(100);
    assertEquals(3, scenario.runAt("09:00").read().events());
    assertEquals(3, scenario.batches().size());
    scenario.assertEqualToOracle();
  }

  private void sendLarge(int count) {
    String booking = "x".repeat(100_000);
    scenario.send(
        IntStream.range(0, count)
            .mapToObj(i -> click("large " + i, "08:30").on(i % 2).booking(booking))
            .toArray(TestClick[]::new));
  }

  private static KafkaProducer<byte[], byte[]> producer(String codec) {
    return new KafkaProducer<>(
        Map.of(
            "bootstrap.servers",
            TestBroker.shared().servers(),
            "compression.type",
            codec,
            "linger.ms",
            1000),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  /** The compression ratio of the sent batches. */
  private static double compressionRate(KafkaProducer<byte[], byte[]> producer) {
    return producer.metrics().values().stream()
        .filter(metric -> metric.metricName().name().equals("compression-rate-avg"))
        .filter(metric -> metric.metricName().group().equals("producer-metrics"))
        .mapToDouble(metric -> (double) metric.metricValue())
        .findFirst()
        .orElseThrow();
  }
}
