package io.sessionize.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.event.registry.WireRecords;
import io.sessionize.testing.TestBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Reads Avro records with the schemas of a real registry, Apicurio's, which has the API of
 * Confluent's.
 */
class SchemaRegistryIT {
  private static final String PAGE =
      "{\"type\":\"record\",\"name\":\"Page\",\"namespace\":\"x\",\"fields\":[{\"name\":\"title\","
          + "\"type\":\"string\"}]}";
  private static final String CLICK =
      "{\"type\":\"record\",\"name\":\"Click\",\"fields\":[{\"name\":\"user\",\"type\":\"string\"},"
          + "{\"name\":\"at\",\"type\":{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}},"
          + "{\"name\":\"page\",\"type\":\"x.Page\"}]}";

  private static final String PASSWORD = "Xk29-of-the-registry";

  @TempDir Path folder;
  @TempDir Path secrets;

  private final String topic = TestBroker.shared().createTopic("registry", 1);

  @Test
  void recordsAreReadWithARealRegistryAndProvenWithoutIt() throws Exception {
    Path definition = folder.resolve("definition.yaml");
    try (ApicurioRegistry registry = ApicurioRegistry.start(folder)) {
      registry.register("page", PAGE, Map.of());
      int id = registry.register("click", CLICK, Map.of("x.Page", "page"));
      send(id, "home");
      send(id + 1000, "of an unknown schema");
      Files.writeString(
          definition,
          String.format(
              "version: 1%ntopics:%n  %s:%n    format: avro%n    registry: %s%n"
                  + "    event: {uuid: /user, event_timestamp: /at, page_name: /page/title}%n",
              topic, registry.url()));
      Path properties = secrets.resolve("kafka.properties");
      Files.writeString(
          properties,
          String.format(
              "schema.registry.url=%s%nbasic.auth.user.info=ann:%s%n", registry.url(), PASSWORD));
      Path eventLog = Files.createDirectory(folder.resolve("event-log"));
      sessionize(
          "run",
          "--definition",
          definition.toString(),
          "--kafka-properties",
          properties.toString(),
          "--spark-conf",
          "spark.sessionize.credential-over-http=true",
          "--spark-conf",
          "spark.eventLog.enabled=true",
          "--spark-conf",
          "spark.eventLog.dir=" + eventLog,
          "--log-level",
          "DEBUG",
          "--verbose");
      assertTrue(eventLog.toFile().list().length > 0);
      assertNoPassword();
    }
    List<String> page =
        sessionize(
            "sql",
            "SELECT events[0].page_name AS page FROM sessions.user_sessions_open",
            "--format",
            "csv");
    assertEquals("home", page.get(page.size() - 1));
    List<String> reasons =
        sessionize("sql", "SELECT reason FROM sessions.user_sessions_rejected", "--format", "csv");
    assertEquals("unknown_schema", reasons.get(reasons.size() - 1));
    // A process that has asked nothing yet, and no registry
    String proof = String.join(" ", sessionize("audit", "prove"));
    assertTrue(proof.startsWith("proven from Kafka"), proof);
  }

  /** Apicurio's registry needs no user, but gets it. */
  private void assertNoPassword() throws IOException {
    String encoded = Base64.getEncoder().encodeToString(("ann:" + PASSWORD).getBytes(UTF_8));
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String text = Files.readString(file, ISO_8859_1);
        assertFalse(text.contains(PASSWORD) || text.contains(encoded), file.toString());
      }
    }
  }

  private void send(int id, String title) {
    GenericData.Record page = new GenericData.Record(new Schema.Parser().parse(PAGE));
    page.put("title", title);
    byte[] value =
        WireRecords.avro(
            id,
            CLICK.replace("\"x.Page\"", PAGE),
            Map.of("user", "ann", "at", Instant.now().toEpochMilli(), "page", page));
    TestBroker.shared().send(topic, 0, null, value, null);
  }

  private List<String> sessionize(String... words) throws Exception {
    return start(words).succeeds().out();
  }

  private Launched start(String... words) throws Exception {
    List<String> command = new ArrayList<>(List.of(words));
    command.addAll(List.of("--warehouse", folder.resolve("warehouse").toString()));
    if (!words[0].equals("sql")) {
      command.addAll(
          List.of("--kafka-servers", TestBroker.shared().servers(), "--kafka-topic", topic));
    }
    return Launched.sessionize(folder, Map.of(), command.toArray(String[]::new));
  }
}
