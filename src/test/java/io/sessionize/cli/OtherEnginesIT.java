package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import io.sessionize.testing.TestBroker;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The packaged jar under spark-submit on a standalone cluster with two executors: it makes the same
 * tables as in one process, and PyIceberg reads them.
 */
class OtherEnginesIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> COLUMNS =
      List.of(
          "uuid",
          "session_id",
          "session_start_time_ms",
          "session_end_time_ms",
          "session_duration_seconds",
          "event_count",
          "pages_visited",
          "close_reason",
          "boundary_rule");

  @TempDir Path folder;

  @Test
  void aClusterMakesTheSameTablesAndPyIcebergReadsThem() throws Exception {
    String topic = TestBroker.shared().createTopic("engines", 4);
    Launched.python(folder, "scripts/demo/traffic.py", "--users", "150", "--out", folder.toString())
        .succeeds();
    try (Cluster cluster = new Cluster(folder)) {
      for (int hour = 1; hour <= 3; hour++) {
        send(topic, folder.resolve("hour-" + hour + ".jsonl"));
        runInProcess(topic);
        runOn(cluster, topic);
      }
      assertEquals(2, cluster.executors());
    }
    Map<String, Map<String, JsonNode>> inProcess = rows(sql("in-process", "user_sessions_live"));
    assertFalse(inProcess.isEmpty());
    assertEquals(inProcess, rows(sql("cluster", "user_sessions_live")));
    for (String table : List.of("user_sessions", "user_sessions_open")) {
      Map<String, Map<String, JsonNode>> ours = rows(sql("in-process", table));
      assertFalse(ours.isEmpty());
      assertEquals(ours, rows(pyIceberg(table)));
    }
  }

  @Test
  void sparkSubmitWithoutALocaleIsRefusedRatherThanReadWrong() throws Exception {
    Path home = Cluster.sparkHome(folder);
    Map<String, String> environment = Map.of("SPARK_HOME", home.toString(), "LC_ALL", "C");
    // Bash writes the bytes: this JVM may have no locale in UTF-8 either.
    String submit =
        home
            + "/bin/spark-submit --master 'local[1]' target/sessionize.jar"
            + " backfill --from earliest --to latest --user \"$(printf 'Gr\\303\\266\\303\\237e')\"";
    try (Launched run =
        Launched.start(folder, Cluster.with(environment), List.of("bash", "-c", submit))) {
      assertEquals(2, run.exitCode(), () -> run.err().toString());
      List<String> lines = run.err().stream().filter(l -> l.startsWith("sessionize: ")).toList();
      assertEquals(1, lines.size(), lines.toString());
      assertTrue(
          lines.get(0).startsWith("sessionize: The value of --user cannot be read, because"),
          lines.get(0));
    }
  }

  private void runInProcess(String topic) throws Exception {
    // A serializer that many users configure for other jobs. With it, a run once failed.
    Stream<String> kryo =
        Stream.of("--spark-conf", "spark.serializer=org.apache.spark.serializer.KryoSerializer");
    String[] command =
        Stream.concat(Stream.of(run(topic, "in-process")), kryo).toArray(String[]::new);
    Launched.sessionize(folder, Map.of(), command).succeeds();
  }

  private void runOn(Cluster cluster, String topic) throws Exception {
    Map<String, String> environment =
        Map.of("SPARK_MASTER", cluster.url(), "SPARK_HOME", Cluster.sparkHome(folder).toString());
    Launched.sessionize(folder, Cluster.with(environment), run(topic, "cluster")).succeeds();
  }

  private String[] run(String topic, String warehouse) {
    return new String[] {
      "run",
      "--kafka-servers",
      TestBroker.shared().servers(),
      "--kafka-topic",
      topic,
      "--warehouse",
      folder.resolve(warehouse).toString()
    };
  }

  private List<String> sql(String warehouse, String table) throws Exception {
    return Launched.sessionize(
            folder,
            Map.of(),
            "sql",
            "--format",
            "jsonl",
            "--warehouse",
            folder.resolve(warehouse).toString(),
            "SELECT * FROM " + table)
        .succeeds()
        .out();
  }

  private List<String> pyIceberg(String table) throws Exception {
    return Launched.python(
            folder,
            "src/test/python/read_with_pyiceberg.py",
            folder.resolve("in-process").toString(),
            "sessions",
            table)
        .succeeds()
        .out();
  }

  private static Map<String, Map<String, JsonNode>> rows(List<String> lines) throws IOException {
    Map<String, Map<String, JsonNode>> rows = new TreeMap<>();
    for (String line : lines) {
      JsonNode row = JSON.readTree(line);
      Map<String, JsonNode> columns = new TreeMap<>();
      // Spark leaves out a column that is null.
      COLUMNS.forEach(
          column ->
              columns.put(column, row.hasNonNull(column) ? row.get(column) : NullNode.instance));
      columns.put("events", JSON.valueToTree(row.get("events").findValuesAsText("event_id")));
      rows.put(row.get("session_id").asText(), columns);
    }
    assertEquals(lines.size(), rows.size());
    return rows;
  }

  private static void send(String topic, Path file) throws IOException {
    List<ProducerRecord<String, byte[]>> records = new ArrayList<>();
    try (Stream<String> lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
      lines.forEach(
          line ->
              records.add(new ProducerRecord<>(topic, line.getBytes(StandardCharsets.ISO_8859_1))));
    }
    TestBroker.shared().send(records);
  }

  /**
   * A standalone cluster, started by Spark's scripts: a master and two workers of one core each.
   */
  private static final class Cluster implements AutoCloseable {
    private final List<Launched> parts = new ArrayList<>();
    private final int port;
    private final Path folder;

    Cluster(Path folder) throws IOException {
      this.folder = folder;
      try (ServerSocket free = new ServerSocket(0)) {
        port = free.getLocalPort();
      }
      Launched master =
          start("master.Master", "--port", Integer.toString(port), "--webui-port", "0");
      master.await(() -> String.join("\n", master.err()).contains("New state: ALIVE"));
      for (int i = 0; i < 2; i++) {
        Launched worker =
            start("worker.Worker", "--cores", "1", "--memory", "1g", "--webui-port", "0", url());
        worker.await(
            () -> String.join("\n", worker.err()).contains("Successfully registered with master"));
      }
    }

    String url() {
      return "spark://127.0.0.1:" + port;
    }

    /** Returns how many executors the workers have started. */
    long executors() {
      return parts.stream()
          .filter(part -> String.join("\n", part.err()).contains("Asked to launch executor"))
          .count();
    }

    static Path sparkHome(Path folder) throws IOException {
      try {
        return Path.of(
            Launched.python(
                    folder, "-c", "import os, pyspark; print(os.path.dirname(pyspark.__file__))")
                .succeeds()
                .out()
                .get(0));
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    /** Returns the environment of Spark's scripts: they find Python, and use loopback only. */
    static Map<String, String> with(Map<String, String> environment) {
      Map<String, String> all = new TreeMap<>(environment);
      all.put("PATH", Launched.venv().resolve("bin") + ":" + System.getenv("PATH"));
      all.put("SPARK_LOCAL_IP", "127.0.0.1");
      return all;
    }

    private Launched start(String role, String... arguments) throws IOException {
      Path home = sparkHome(folder);
      List<String> command = new ArrayList<>();
      command.add(home.resolve("bin/spark-class").toString());
      command.add("org.apache.spark.deploy." + role);
      command.addAll(List.of("--host", "127.0.0.1"));
      command.addAll(List.of(arguments));
      Map<String, String> environment =
          with(
              Map.of(
                  "SPARK_HOME", home.toString(),
                  "SPARK_WORKER_DIR", folder.resolve("work").toString()));
      Launched part = Launched.start(folder, environment, command);
      parts.add(part);
      return part;
    }

    @Override
    public void close() {
      parts.forEach(Launched::close);
    }
  }
}
