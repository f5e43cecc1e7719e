package io.sessionize.source;

import static io.sessionize.testing.TestBroker.script;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.testing.TestBroker;
import io.sessionize.testing.TestBroker.Run;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(180)
class KafkaScriptTest {
  @TempDir Path data;

  @AfterEach
  void stop() {
    kafka("stop");
  }

  @Test
  void runsOnceUntilStopped() throws Exception {
    Run started = kafka("start", "--port", "0");
    assertEquals(0, started.exit(), started.err());
    long pid = Long.parseLong(Files.readString(data.resolve("kafka.pid")).strip());
    ProcessHandle process = ProcessHandle.of(pid).orElseThrow();
    String port = started.out().replaceFirst("(?s).*:(\\d+) .*", "$1");
    String where = "at 127.0.0.1:%s (pid %d, data %s)\n".formatted(port, pid, data.toRealPath());
    assertEquals("Kafka is running " + where, started.out());

    assertEquals(new Run(0, "Kafka is running " + where, ""), kafka("status"));
    assertEquals(new Run(0, "Kafka is already running " + where, ""), kafka("start"));
    assertEquals(
        new Run(0, "Kafka is already running " + where, ""), kafka("start", "--port", port));
    assertRefused(kafka("start", "--port", "1"), "already runs on port " + port + ", not 1");
    assertTrue(process.isAlive());

    assertEquals(0, kafka("stop").exit());
    process.onExit().get(60, TimeUnit.SECONDS);
    assertEquals(1, kafka("status").exit());
    assertEquals(
        new Run(0, "Kafka is not running (data %s)\n".formatted(data.toRealPath()), ""),
        kafka("stop"));
  }

  @Test
  void topicsSurviveStopAndKill() throws Exception {
    try (TestBroker broker = TestBroker.startOwn(data)) {
      String topic = broker.createTopic("clicks", 2);
      broker.send(topic, 1, "user", "first".getBytes(UTF_8), 0L);
      broker.stop();
      broker.restart();
      broker.send(topic, 1, "user", "second".getBytes(UTF_8), null);
      broker.kill();
      broker.restart();

      TopicPartition written = new TopicPartition(topic, 1);
      try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.servers()))) {
        assertEquals(Set.of(topic), admin.listTopics().names().get());
        assertEquals(2, endOffset(admin, written));
        assertEquals(0, endOffset(admin, new TopicPartition(topic, 0)));
      }
    }
  }

  @Test
  void topicsAreCreatedGrownAndRead() throws Exception {
    try (TestBroker broker = TestBroker.startOwn(data)) {
      assertEquals(
          new Run(0, "Created topic clicks.\n", ""),
          kafka("topic", "create", "clicks", "--partitions", "2"));
      assertEquals(
          new Run(0, "Topic clicks has 3 partitions\n", ""),
          kafka("topic", "grow", "clicks", "--partitions", "3"));
      Run shrunk = kafka("topic", "grow", "clicks", "--partitions=2");
      assertEquals(1, shrunk.exit());
      assertEquals(
          "The topic clicks currently has 3 partition(s); 2 would not be an increase.\n",
          shrunk.err());
      Run described = kafka("topic", "describe", "clicks");
      assertTrue(described.out().contains("PartitionCount: 3"), described.toString());
      broker.send("clicks", 1, "ann", "value".getBytes(UTF_8), 1767225600000L);
      Run read = kafka("tail", "clicks", "--from-beginning", "--records", "1");
      assertEquals(
          "CreateTime:1767225600000\tPartition:1\tOffset:0\tann\tvalue\n", read.out(), read.err());
    }
    Run stopped = kafka("topic", "describe");
    assertEquals(5, stopped.exit());
    assertTrue(stopped.err().startsWith("Kafka is not running"), stopped.err());
  }

  @Test
  void aTakenPortIsRefused() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Run start = kafka("start", "--port", String.valueOf(taken.getLocalPort()));
      assertRefused(start, "Port " + taken.getLocalPort() + " is taken");
    }
  }

  @Test
  void aPidThatBelongsToAnotherProcessByNowIsLeftAlone() throws Exception {
    Process other = new ProcessBuilder("sleep", "300").start();
    try {
      Files.writeString(data.resolve("kafka.pid"), other.pid() + "\n");
      assertEquals(1, kafka("status").exit());
      assertEquals(0, kafka("stop").exit());
      assertFalse(other.waitFor(200, TimeUnit.MILLISECONDS), "was killed");
    } finally {
      other.destroyForcibly();
    }
  }

  @Test
  void aBrokerThatCannotStartSaysWhy() throws Exception {
    Path topics = Files.createDirectory(data.resolve("topics"));
    Files.writeString(topics.resolve("meta.properties"), "not Kafka's\n");
    Run start = kafka("start", "--port", "0");
    assertEquals(5, start.exit(), start.err());
    assertTrue(start.err().contains("node ID not found in topics"), start.err());
    assertEquals(1, kafka("status").exit());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "restart",
        "start --port",
        "start --port nine",
        "start --port 65536",
        "start --prot 9092",
        "stop --port 9092",
        "start stop",
        "start --partitions 4",
        "topic",
        "topic shrink clicks",
        "topic create",
        "topic create a,b",
        "topic grow clicks",
        "topic grow clicks --partitions 0",
        "topic describe clicks --partitions 4",
        "tail",
        "tail clicks --records many",
        "status --from-beginning"
      })
  void wrongUsageIsRefused(String arguments) {
    assertRefused(script(arguments.split(" ")), "");
  }

  private Run kafka(String... words) {
    List<String> all = new ArrayList<>(List.of("--data", data.toString()));
    all.addAll(List.of(words));
    return script(all.toArray(String[]::new));
  }

  private static void assertRefused(Run run, String why) {
    assertEquals(2, run.exit(), run.toString());
    assertEquals("", run.out());
    assertEquals(1, run.err().lines().count(), run.err());
    assertTrue(run.err().contains(why), run.err());
  }

  private static long endOffset(Admin admin, TopicPartition partition) throws Exception {
    return admin
        .listOffsets(Map.of(partition, OffsetSpec.latest()))
        .partitionResult(partition)
        .get()
        .offset();
  }
}
