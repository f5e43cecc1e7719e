package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.testing.TestBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.codehaus.janino.SimpleCompiler;
import org.junit.jupiter.api.Test;

/** The packaged jar through the launcher: exit codes, signals, log and output. */
class LauncherIT extends LauncherFixture {
  @Test
  void aWrongOptionEndsWithTwo() throws Exception {
    endsWith(2, "Unrecognized option: --nope", "run", "--nope");
  }

  @Test
  void aBadValueEndsWithTwo() throws Exception {
    endsWith(
        2,
        "The inactivity timeout PT3H is above the maximum",
        "run",
        "--inactivity-timeout",
        "3h",
        "--max-session-duration",
        "2h");
  }

  @Test
  void anUnreachableBrokerEndsWithFive() throws Exception {
    endsWith(
        5, "Kafka at 127.0.0.1:1 could not be reached", "run", "--kafka-servers", "127.0.0.1:1");
  }

  @Test
  void aMissingTopicEndsWithTwo() throws Exception {
    String servers = TestBroker.shared().servers();
    endsWith(
        2,
        "There is no topic nowhere at " + servers,
        "run",
        "--kafka-servers",
        servers,
        "--kafka-topic",
        "nowhere");
  }

  @Test
  void aWarehouseThatCannotBeWrittenEndsWithTwo() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    endsWith(
        2,
        "Warehouse " + file.resolve("warehouse") + " cannot be written",
        "run",
        "--kafka-servers",
        TestBroker.shared().servers(),
        "--kafka-topic",
        TestBroker.shared().createTopic("unwritable", 1),
        "--warehouse",
        file.resolve("warehouse").toString());
  }

  @Test
  void aWarehouseElsewhereNeedsACatalog() throws Exception {
    endsWith(
        2,
        "Warehouse s3://bucket/warehouse is not a local folder",
        "run",
        "--kafka-servers",
        TestBroker.shared().servers(),
        "--kafka-topic",
        TestBroker.shared().createTopic("elsewhere", 1),
        "--warehouse",
        "s3://bucket/warehouse");
  }

  @Test
  void aStatementThatDoesNotParseEndsWithTwo() throws Exception {
    Path warehouse = folder.resolve("warehouse");
    Launched.sessionize(folder, Map.of(), run(topicWithOneEvent("parsed"))).succeeds().close();
    endsWith(
        2, "The statement cannot be run", "sql", "--warehouse", warehouse.toString(), "SELEC 1");
  }

  @Test
  void ctrlCEndsWith130AndTheNextRunContinues() throws Exception {
    String[] command = run(topicWithOneEvent("interrupted"));
    try (Launched run = Launched.sessionize(folder, Map.of(), command)) {
      run.await(() -> Files.exists(folder.resolve("warehouse/catalog.db")));
      run.signal("INT");
      assertEquals(130, run.exitCode());
      assertEquals(
          List.of(
              "sessionize: interrupted by SIGINT: the next run continues where this one stopped."),
          run.err());
    }
    try (Launched run = Launched.sessionize(folder, Map.of(), command).succeeds()) {
      assertTrue(run.out().get(0).contains("events 1 "), run.out().toString());
    }
  }

  @Test
  void afterTheEndOfACommandNoThreadPrintsFrames() throws Exception {
    String topic = topicWithOneEvent("noisy");
    send(topic, "ann", 1767225660000L);
    Path reached = folder.resolve("reached");
    Map<String, String> classes =
        Map.of(
            "SESSIONIZE_CLASSPATH",
            Path.of(NoisyRule.class.getProtectionDomain().getCodeSource().getLocation().toURI())
                .toString());
    Map<String, String> environment = new HashMap<>(classes);
    environment.put("SESSIONIZE_JAVA_OPTIONS", "-D" + NoisyRule.REACHED + "=" + reached);
    String[] command =
        with(new String[] {"--boundary-rule", NoisyRule.class.getName()}, run(topic));
    try (Launched run = Launched.sessionize(folder, environment, command)) {
      run.await(() -> Files.exists(reached));
      run.signal("INT");
      assertEquals(130, run.exitCode());
      assertEquals(
          List.of(
              "sessionize: interrupted by SIGINT: the next run continues where this one stopped."),
          run.err());
    }
    try (Launched run = Launched.sessionize(folder, classes, command).succeeds()) {
      assertEquals(List.of(), run.err());
    }
  }

  @Test
  void theLogShowsEachStepOfARunAndNoDataOfUsers() throws Exception {
    String topic = TestBroker.shared().createTopic("story", 1);
    send(topic, "a-user-nobody-may-know", 1767225600000L);
    Launched.sessionize(folder, Map.of(), run(topic)).succeeds().close();

    String log = Files.readString(folder.resolve("logs/sessionize.log"));
    int found = 0;
    for (String line :
        List.of(
            ": run of topic "
                + topic
                + " from "
                + topic
                + ":0:0 to "
                + topic
                + ":0:1 on user_sessions at snapshot ",
            ": BEGUN after ",
            ": read 1 records: 1 events, 0 of them late; rejected {}",
            ": 1 new events; sessions: 0 added, 0 changed, 0 removed, 1 open; ",
            "watermark none to 2025-12-31T23:50:00Z",
            ": SESSIONS_MERGED after ",
            ": OPEN_WRITTEN after ",
            "user_sessions is now at snapshot ",
            ": SESSIONS_PUBLISHED after ",
            "user_sessions_open is now at snapshot ",
            ": OPEN_PUBLISHED after ")) {
      found = log.indexOf(line, found);
      assertTrue(found >= 0, line + " is missing or out of order: " + log);
    }
    assertFalse(log.contains("nobody-may-know"), log);
  }

  @Test
  void aRunMapsItsClassesAndLeavesItsNumberOfRows() throws Exception {
    String topic = topicWithOneEvent("counted");
    Path rows = folder.resolve("logs/sessions.user_sessions.rows");
    Path loaded = folder.resolve("loaded.txt");
    String log = "-XX:TieredStopAtLevel=1 -Xlog:class+load:file=" + loaded;
    Launched.sessionize(folder, Map.of("SESSIONIZE_JAVA_OPTIONS", log), run(topic))
        .succeeds()
        .close();
    for (Class<?> archived : List.of(KafkaConsumer.class, SimpleCompiler.class)) {
      assertTrue(
          Files.readString(loaded).contains(archived.getName() + " source: shared objects file"),
          archived + " is not in the launcher's archive");
    }
    // One record and one open session.
    assertEquals("2\n", Files.readString(rows));

    Launched.sessionize(folder, Map.of(), run(topic)).succeeds().close();
    assertEquals("2\n", Files.readString(rows), "A run that read nothing has replaced it");

    Files.delete(rows);
    Files.createDirectories(rows.resolve("a folder in its place"));
    send(topic, "bob", 1767225600000L);
    try (Launched run = Launched.sessionize(folder, Map.of(), run(topic)).succeeds()) {
      assertEquals(List.of(), run.err());
    }
  }

  @Test
  void continuousModeEndsWithZeroBetweenTwoBatches() throws Exception {
    String[] once = run(topicWithOneEvent("continuous"));
    String[] command = with(new String[] {"--trigger", "1s"}, once);
    try (Launched run = Launched.sessionize(folder, Map.of(), command)) {
      run.await(() -> !run.out().isEmpty());
      String line = run.out().get(0);
      assertTrue(line.matches("\\d{4}-\\d\\d-\\d\\dT[\\d:]{8}Z  records 1  .*"), line);
      run.signal("TERM");
      assertEquals(0, run.exitCode());
      assertEquals(List.of(), run.err());
    }
  }

  @Test
  void stopAfterEndsBetweenTwoBatchesAndTheNextRunReadsTheRest() throws Exception {
    String topic = topicWithOneEvent("stopped");
    for (int minute = 1; minute < 5; minute++) {
      send(topic, "ann", 1767225600000L + minute * 60_000L);
    }
    String[] limits = {"--max-offsets-per-trigger", "2", "--stop-after", "1s", "--check"};
    String[] command = with(limits, run(topic));
    for (String left : List.of("3", "1")) {
      try (Launched run = Launched.sessionize(folder, Map.of(), command).succeeds()) {
        assertEquals(
            "stopped as --stop-after says: " + left + " offsets are left for the next run",
            run.out().get(1),
            () -> run.out().toString());
        assertTrue(run.out().get(0).contains("events 2 "), run.out().toString());
        assertEquals(List.of(), run.err());
      }
    }
    try (Launched run = Launched.sessionize(folder, Map.of(), command).succeeds()) {
      assertTrue(run.out().get(0).contains("events 1 "), run.out().toString());
      assertTrue(run.out().get(1).startsWith("all invariants hold"), run.out().toString());
    }
    String log = Files.readString(folder.resolve("logs/sessionize.log"));
    assertFalse(log.contains("Stopped"), log);
  }

  private void endsWith(int exitCode, String message, String... command)
      throws IOException, InterruptedException {
    try (Launched run = Launched.sessionize(folder, Map.of(), command)) {
      assertEquals(exitCode, run.exitCode(), () -> run.err().toString());
      assertEquals(1, run.err().size(), () -> run.err().toString());
      assertTrue(run.err().get(0).startsWith("sessionize: " + message), run.err().get(0));
      assertEquals(List.of(), run.out());
    }
  }
}
