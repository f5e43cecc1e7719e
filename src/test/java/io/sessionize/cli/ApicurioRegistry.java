package io.sessionize.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A real schema registry with the API of Confluent's, in a process of its own, in memory. */
final class ApicurioRegistry implements AutoCloseable {
  private static final Path POM = Path.of("src/test/schema-registry/pom.xml");
  private static final Path UNPACKED = Path.of("target/schema-registry");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Launched process;
  private final String url;

  private ApicurioRegistry(Launched process, String url) {
    this.process = process;
    this.url = url;
  }

  static ApicurioRegistry start(Path folder) throws IOException, InterruptedException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Launched process =
        Launched.start(
            folder,
            Map.of(),
            List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-Xmx300m",
                "-Dquarkus.http.host=127.0.0.1",
                "-Dquarkus.http.port=" + port,
                "-jar",
                jar(folder).toString()));
    process.await(() -> String.join("\n", process.out()).contains("Listening on"));
    return new ApicurioRegistry(process, "http://127.0.0.1:" + port + "/apis/ccompat/v7");
  }

  private static Path jar(Path folder) throws IOException, InterruptedException {
    if (!Files.exists(UNPACKED)) {
      // Renamed when it is complete: a test that was stopped leaves no half of it.
      Path unfinished = UNPACKED.resolveSibling("schema-registry-" + System.nanoTime());
      Launched maven =
          Launched.start(
              folder,
              Map.of(),
              List.of(
                  "./mvnw",
                  "-q",
                  "-B",
                  "-f",
                  POM.toString(),
                  "dependency:unpack",
                  "-DoutputDirectory=" + unfinished.toAbsolutePath()));
      if (maven.exitCode() != 0) {
        throw new AssertionError(
            "The test needs Apicurio from Maven Central: " + String.join("\n", maven.out()));
      }
      Files.move(unfinished, UNPACKED);
    }
    try (Stream<Path> files = Files.list(UNPACKED)) {
      return files
          .filter(file -> file.toString().endsWith("-runner.jar"))
          .findFirst()
          .orElseThrow();
    }
  }

  /** Its address. */
  String url() {
    return url;
  }

  /**
   * Registers an Avro schema.
   *
   * @param references subjects whose first versions it refers to, by the names of their types
   * @return its id
   */
  int register(String subject, String schema, Map<String, String> references)
      throws IOException, InterruptedException {
    List<Map<String, Object>> named =
        references.entrySet().stream()
            .map(
                type ->
                    Map.<String, Object>of(
                        "name", type.getKey(), "subject", type.getValue(), "version", 1))
            .toList();
    String body = JSON.writeValueAsString(Map.of("schema", schema, "references", named));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + "/subjects/" + subject + "/versions"))
            .header("Content-Type", "application/vnd.schemaregistry.v1+json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    HttpResponse<String> response =
        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    JsonNode answer = JSON.readTree(response.body());
    if (!answer.has("id")) {
      throw new AssertionError(response.body());
    }
    return answer.get("id").asInt();
  }

  @Override
  public void close() {
    process.close();
  }
}
