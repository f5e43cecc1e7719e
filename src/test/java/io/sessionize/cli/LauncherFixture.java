package io.sessionize.cli;

import io.sessionize.testing.TestBroker;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;

/** What tests of the launcher share: a folder, topics, and the command line of a run. */
abstract class LauncherFixture {
  @TempDir Path folder;

  static String[] with(String[] last, String... first) {
    return Stream.of(first, last).flatMap(Arrays::stream).toArray(String[]::new);
  }

  String topicWithOneEvent(String prefix) {
    String topic = TestBroker.shared().createTopic(prefix, 1);
    send(topic, "ann", 1767225600000L);
    return topic;
  }

  static void send(String topic, String uuid, long timeMs) {
    byte[] value = event(uuid, timeMs).getBytes(StandardCharsets.UTF_8);
    TestBroker.shared().send(topic, 0, uuid, value, null);
  }

  static String event(String uuid, long timeMs) {
    return String.format(
        "{\"uuid\": \"%s\", \"event_id\": \"%d\", \"event_timestamp\": \"%d\"}",
        uuid, timeMs, timeMs);
  }

  String[] run(String topic) {
    return new String[] {
      "run",
      "--kafka-servers",
      TestBroker.shared().servers(),
      "--kafka-topic",
      topic,
      "--warehouse",
      folder.resolve("warehouse").toString()
    };
  }
}
