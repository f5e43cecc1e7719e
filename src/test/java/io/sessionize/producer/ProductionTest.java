package io.sessionize.producer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.progress.Progress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProductionTest {
  private static final Progress QUIET = Progress.NONE;
  private static final Rate RATE = new Rate(10);

  @TempDir Path folder;

  private static MockProducer<byte[], byte[]> kafka(boolean answers) {
    return new MockProducer<>(answers, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private static MessageSource journeys() {
    return new JourneySource(3, RATE, null, new SplittableRandom(1), InstantSource.system());
  }

  private FileReplay file(String content) throws IOException {
    return FileReplay.open(Files.writeString(folder.resolve("events.jsonl"), content));
  }

  private static Production.Result run(
      MessageSource source, MockProducer<byte[], byte[]> kafka, AtomicLong left)
      throws InterruptedException {
    try (KafkaSink sink = new KafkaSink(kafka, "clicks")) {
      return Production.run(
          source, Pacer.none(), sink, QUIET, () -> left.getAndDecrement() <= 0, () -> 0);
    }
  }

  @Test
  void sendsAFileInOrderWithItsKeysAndEndsWithIt() throws Exception {
    MockProducer<byte[], byte[]> kafka = kafka(true);
    Production.Result result =
        run(
            file("{\"uuid\":\"b\"}\nnot json\n{\"uuid\":\"a\"}"),
            kafka,
            new AtomicLong(Long.MAX_VALUE));
    assertEquals(3, result.events());
    assertArrayEquals(
        new Object[] {"b", null, "a"}, kafka.history().stream().map(this::key).toArray());
    ProducerRecord<byte[], byte[]> second = kafka.history().get(1);
    assertEquals("clicks", second.topic());
    assertEquals("not json", new String(second.value(), StandardCharsets.UTF_8));
    assertNull(second.timestamp());
    assertTrue(kafka.closed());
  }

  private String key(ProducerRecord<byte[], byte[]> sent) {
    return sent.key() == null ? null : new String(sent.key(), StandardCharsets.UTF_8);
  }

  @Test
  void stopsOnRequestAndCountsTheSentEvents() throws Exception {
    MockProducer<byte[], byte[]> kafka = kafka(true);
    assertEquals(17, run(journeys(), kafka, new AtomicLong(17)).events());
    assertEquals(17, kafka.history().size());
    assertTrue(kafka.flushed());
  }

  @Test
  void aFailedSendEndsItWithOneLineThatSaysToRetry() {
    MockProducer<byte[], byte[]> kafka = kafka(true);
    kafka.sendException = new TimeoutException("too late");
    Failure failure =
        assertThrows(Failure.class, () -> run(journeys(), kafka, new AtomicLong(Long.MAX_VALUE)));
    assertEquals(Failure.Kind.UNREACHABLE, failure.kind());
    assertTrue(
        failure.getMessage().contains("'clicks' after 0 confirmed events: too late."),
        failure.getMessage());
    assertTrue(kafka.history().isEmpty());
  }

  @Test
  void aSendThatFailsLaterEndsItToo() {
    MockProducer<byte[], byte[]> kafka = kafka(false);
    KafkaSink sink = new KafkaSink(kafka, "clicks");
    Message message = new Message(null, new byte[] {1});
    sink.send(message);
    sink.send(message);
    kafka.completeNext();
    kafka.errorNext(new TimeoutException("30000 ms have passed"));
    assertEquals(1, sink.confirmed());
    assertThrows(Failure.class, () -> sink.send(message));
    assertThrows(Failure.class, sink::flush);
    assertEquals(1, sink.confirmed());
  }

  @Test
  void aLineThatIsRefusedIsNamed() {
    MockProducer<byte[], byte[]> kafka = kafka(true);
    kafka.sendException = new RecordTooLargeException("5 MB");
    Failure failure =
        assertThrows(
            Failure.class, () -> run(file("\n{}\n"), kafka, new AtomicLong(Long.MAX_VALUE)));
    assertEquals(Failure.Kind.USAGE, failure.kind());
    assertTrue(
        failure
            .getMessage()
            .startsWith("Kafka did not accept an event (line 2 of the file) for topic 'clicks'"),
        failure.getMessage());
  }

  @Test
  void aPermanentErrorIsAUsageFailure() {
    for (RuntimeException cause :
        new RuntimeException[] {
          new RecordTooLargeException("2 MB"), new TopicAuthorizationException("no")
        }) {
      MockProducer<byte[], byte[]> kafka = kafka(true);
      kafka.sendException = cause;
      KafkaSink sink = new KafkaSink(kafka, "clicks");
      Failure failure =
          assertThrows(Failure.class, () -> sink.send(new Message(null, new byte[] {1})));
      assertEquals(Failure.Kind.USAGE, failure.kind(), failure.getMessage());
    }
  }

  @Test
  void theResultIsOneLine() {
    assertEquals(
        "sent 300 events in 60.0 s (5.0 events/s) to topic clicks",
        new Production.Result(300, 60_000_000_000L, "clicks").line());
  }

  @Test
  void progressIsALineAfterFiveSecondsAndThenEveryTen() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    AtomicLong nanos = new AtomicLong();
    try (Progress progress =
        Progress.lines(new PrintStream(bytes), "sent", "events", 100, nanos::get)) {
      for (int sent = 1; sent <= 25; sent++) {
        nanos.addAndGet(1_000_000_000L);
        progress.show(sent);
      }
    }
    assertEquals(
        "sent 5 of 100 events\nsent 15 of 100 events\nsent 25 of 100 events\n", bytes.toString());
  }
}
