package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sessionize.testing.TestBroker;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The packaged jar with a REST catalog and tables in an object store, by configuration only:
 * Iceberg's REST server, and SeaweedFS for S3.
 */
class RestCatalogIT {
  private static final long MINUTE = 60_000;
  private static final long START = 1_767_225_600_000L;

  @TempDir Path folder;

  @Test
  void sessionsArePublishedAndRestatedThroughItAndAnotherEngineReadsThem() throws Exception {
    String topic = TestBroker.shared().createTopic("rest", 1);
    try (RestCatalogServers servers = RestCatalogServers.start(folder)) {
      click(topic, "ann", "1", START);
      click(topic, "ann", "2", START + 10 * MINUTE);
      click(topic, "bob", "3", START + 120 * MINUTE);
      run(servers, topic);
      click(topic, "ann", "late", START + 5 * MINUTE);
      run(servers, topic);

      JsonNode sessions = read(servers, "user_sessions");
      assertEquals("ann_session_" + START, sessions.get("session_id").asText());
      assertEquals(List.of("1", "late", "2"), sessions.get("events").findValuesAsText("event_id"));
      JsonNode open = read(servers, "user_sessions_open");
      assertEquals("bob_session_" + (START + 120 * MINUTE), open.get("session_id").asText());
    }
  }

  private static void click(String topic, String uuid, String id, long timeMs) {
    String event =
        String.format(
            "{\"uuid\": \"%s\", \"event_id\": \"%s\", \"event_timestamp\": %d}", uuid, id, timeMs);
    TestBroker.shared().send(topic, 0, uuid, event.getBytes(StandardCharsets.UTF_8), null);
  }

  private void run(RestCatalogServers servers, String topic) throws Exception {
    Map<String, String> environment = new TreeMap<>(servers.credentialsFile());
    environment.put("SESSIONIZE_CLASSPATH", servers.awsBundle());
    List<String> command = new ArrayList<>(List.of("run", "--kafka-topic", topic));
    command.addAll(List.of("--kafka-servers", TestBroker.shared().servers()));
    command.addAll(List.of("--checkpoint-location", folder.resolve("checkpoint").toString()));
    Map<String, String> catalog = new TreeMap<>();
    catalog.put("spark.sql.defaultCatalog", "prod");
    catalog.put("spark.sql.catalog.prod", "org.apache.iceberg.spark.SparkCatalog");
    catalog.put("spark.sql.catalog.prod.type", "rest");
    catalog.put("spark.sql.catalog.prod.uri", servers.catalog());
    catalog.put("spark.sql.catalog.prod.io-impl", "org.apache.iceberg.aws.s3.S3FileIO");
    catalog.put("spark.sql.catalog.prod.s3.endpoint", servers.store());
    catalog.put("spark.sql.catalog.prod.s3.path-style-access", "true");
    catalog.forEach((key, value) -> command.addAll(List.of("--spark-conf", key + "=" + value)));
    Launched.sessionize(folder, environment, command.toArray(String[]::new)).succeeds();
  }

  /** Returns the only row of the table, read by PyIceberg through the same catalog. */
  private JsonNode read(RestCatalogServers servers, String table) throws Exception {
    Map<String, String> environment = new TreeMap<>(servers.credentials());
    environment.put("PYICEBERG_CATALOG__PROD__S3__ENDPOINT", servers.store());
    List<String> rows =
        Launched.start(
                folder,
                environment,
                List.of(
                    Launched.venv().resolve("bin/python").toString(),
                    "src/test/python/read_with_pyiceberg.py",
                    servers.catalog(),
                    "sessions",
                    table))
            .succeeds()
            .out();
    assertEquals(1, rows.size(), rows.toString());
    return new ObjectMapper().readTree(rows.get(0));
  }
}
