package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A REST catalog whose messages attack the terminal and the log. */
class HostileCatalogIT {
  private static final String FORGED = "2026-01-01 00:00:00.000 ERROR Main - forged";

  @TempDir private Path folder;

  @Test
  void itsMessagesAreOneLineWithoutControlCharacters() throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", HostileCatalogIT::answer);
    server.start();
    try (Launched status = status(server.getAddress().getPort())) {
      assertNotEquals(0, status.exitCode());
      assertSafe("stderr", status.err());
      assertSafe("stdout", status.out());
      List<String> log = Files.readAllLines(folder.resolve("logs/sessionize.log"));
      assertSafe("log", log);
      assertTrue(
          log.stream().anyMatch(line -> line.contains("\\u001b]0;title\\u0007\\n" + FORGED)),
          log.toString());
      assertTrue(log.stream().anyMatch(line -> line.startsWith("\tat ")), log.toString());
    } finally {
      server.stop(0);
    }
  }

  /** Answers each request with an error of the catalog. */
  private static void answer(com.sun.net.httpserver.HttpExchange exchange) throws IOException {
    String message = "bad \u001b]0;title\u0007\n" + FORGED + "\u009b31m\u202e";
    byte[] body =
        new ObjectMapper()
            .writeValueAsBytes(
                Map.of(
                    "error",
                    Map.of("message", message, "type", "BadRequestException", "code", 400)));
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(400, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private Launched status(int port) throws IOException {
    List<String> command = new ArrayList<>(List.of("status", "--verbose"));
    Map<String, String> catalog =
        Map.of(
            "spark.sql.defaultCatalog", "prod",
            "spark.sql.catalog.prod", "org.apache.iceberg.spark.SparkCatalog",
            "spark.sql.catalog.prod.type", "rest",
            "spark.sql.catalog.prod.uri", "http://127.0.0.1:" + port);
    catalog.forEach((key, value) -> command.addAll(List.of("--spark-conf", key + "=" + value)));
    return Launched.sessionize(folder, Map.of(), command.toArray(String[]::new));
  }

  private static void assertSafe(String where, List<String> lines) {
    for (String line : lines) {
      assertEquals(line.replaceAll("[\0-\b\u000b-\u001f\u007f-\u009f\u202a-\u202e]", "?"), line);
      assertTrue(!line.startsWith(FORGED), where + ": " + line);
    }
  }
}
