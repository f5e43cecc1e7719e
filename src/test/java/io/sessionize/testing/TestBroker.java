package io.sessionize.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * A real Kafka broker in a process of its own, run by {@code scripts/kafka}.
 *
 * <p>Tests share one and keep apart by topic; a test that stops or kills its broker starts its own.
 * Whatever is left running is stopped when the JVM ends.
 */
public final class TestBroker implements AutoCloseable {
  private static final AtomicInteger TOPICS = new AtomicInteger();

  private final Path data;
  private final String servers;
  private final Admin admin;
  private final KafkaProducer<String, byte[]> producer;

  private TestBroker(Path data) {
    this.data = data;
    String started = succeed(script("start", "--port", "0", "--data", data.toString()));
    servers = started.replaceFirst("(?s).*? at (\\S+) .*", "$1");
    admin = Admin.create(Map.of("bootstrap.servers", servers));
    // One request at a time: a topic in creation can refuse the first of several requests and
    // accept
    // the second, which changes their order.
    producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", servers, "max.in.flight.requests.per.connection", 1),
            new StringSerializer(),
            new ByteArraySerializer());
  }

  /** The one broker of this JVM, started by the first call. */
  public static TestBroker shared() {
    return Shared.BROKER;
  }

  /** Another broker, with its data in {@code data}: close it. */
  public static TestBroker startOwn(Path data) {
    TestBroker broker = new TestBroker(data);
    Runtime.getRuntime().addShutdownHook(new Thread(broker::close));
    return broker;
  }

  public String servers() {
    return servers;
  }

  /** An admin client for topics. */
  public Admin admin() {
    return admin;
  }

  /** Creates a topic that no other test has and returns its name, once clients can use it. */
  public String createTopic(String prefix, int partitions) {
    String topic = prefix + "-" + TOPICS.incrementAndGet();
    await(admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1))).all());
    producer.partitionsFor(topic);
    return topic;
  }

  /**
   * Sends one record and waits until the broker has it.
   *
   * @param partition null: by key
   * @param timestamp epoch milliseconds; null: now
   */
  public void send(String topic, Integer partition, String key, byte[] value, Long timestamp) {
    send(List.of(new ProducerRecord<>(topic, partition, timestamp, key, value)));
  }

  /** Sends the records in their order and waits until the broker has all of them. */
  public void send(List<ProducerRecord<String, byte[]>> records) {
    List<Future<?>> sent = new ArrayList<>();
    records.forEach(record -> sent.add(producer.send(record)));
    producer.flush();
    sent.forEach(TestBroker::await);
  }

  /** Stops the broker cleanly, if it runs. */
  public void stop() {
    succeed(script("stop", "--data", data.toString()));
  }

  /** Ends the broker with SIGKILL. */
  public void kill() {
    ProcessHandle process = process();
    process.destroyForcibly();
    await(process.onExit());
  }

  /** Starts the broker again, on the same data and port. */
  public void restart() {
    stop();
    succeed(script("start", "--data", data.toString()));
  }

  @Override
  public void close() {
    // No wait: the broker may have ended already.
    producer.close(Duration.ZERO);
    admin.close(Duration.ZERO);
    stop();
  }

  public ProcessHandle process() {
    try {
      long pid = Long.parseLong(Files.readString(data.resolve("kafka.pid")).strip());
      return ProcessHandle.of(pid).orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Exit code and output of {@code scripts/kafka}. */
  public record Run(int exit, String out, String err) {}

  public static Run script(String... arguments) {
    List<String> command = new ArrayList<>(List.of("scripts/kafka"));
    command.addAll(List.of(arguments));
    try {
      Path err = Files.createTempFile("kafka", ".err");
      try {
        Process process = new ProcessBuilder(command).redirectError(err.toFile()).start();
        // Ends only when nothing holds the pipe any more, a broker that was started included.
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Run(process.waitFor(), out, Files.readString(err));
      } finally {
        Files.delete(err);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static String succeed(Run run) {
    if (run.exit() != 0) {
      throw new AssertionError("scripts/kafka ended with " + run);
    }
    return run.out();
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.get(60, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  private static final class Shared {
    static final TestBroker BROKER = start();

    private static TestBroker start() {
      try {
        Path data = Files.createTempDirectory("sessionize-kafka");
        TestBroker broker = new TestBroker(data);
        Runtime.getRuntime()
            .addShutdownHook(
                new Thread(
                    () -> {
                      broker.close();
                      delete(data);
                    }));
        return broker;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static void delete(Path folder) {
      try (Stream<Path> files = Files.walk(folder)) {
        files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
