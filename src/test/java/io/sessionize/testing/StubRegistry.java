package io.sessionize.testing;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A stub of a schema registry: it answers as the documented API of Confluent's registry says, and
 * can fail in ways that a real one does not do on demand. {@code RegistryIT} asks a real one.
 */
public final class StubRegistry implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final AtomicInteger NUMBER = new AtomicInteger();

  /** A process keeps the schemas of an address, and the port may be that of an earlier registry. */
  private final String base = "/registry-" + NUMBER.incrementAndGet();

  private final HttpServer server;
  private final Map<String, String> answers = new TreeMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final List<String> authorizations = new CopyOnWriteArrayList<>();
  private volatile int failingStatus;
  private volatile int failures;
  private volatile String requiredAuthorization;
  private volatile long delayMs;
  private volatile boolean isStalled;

  public StubRegistry() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext(base + "/", this::answer);
    server.setExecutor(Executors.newCachedThreadPool());
    server.start();
  }

  /** Its address. */
  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + base;
  }

  /** Registers an Avro schema under an id. */
  public void register(int id, String schema) {
    answer("/schemas/ids/" + id, json(Map.of("schema", schema)));
  }

  /** Answers a path with this text. */
  public void answer(String path, String text) {
    answers.put(path, text);
  }

  /** Writes an answer. */
  public static String json(Map<String, ?> answer) {
    try {
      return JSON.writeValueAsString(answer);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Fails so many requests with this status. */
  public void fail(int status, int times) {
    failingStatus = status;
    failures = times;
  }

  /** Denies access without this header. */
  public void requireAuthorization(String header) {
    requiredAuthorization = header;
  }

  /** Answers late. */
  public void delay(long milliseconds) {
    delayMs = milliseconds;
  }

  /** Sends headers and never a body. */
  public void stall() {
    isStalled = true;
  }

  /** The paths of all requests. */
  public List<String> asked() {
    return List.copyOf(asked);
  }

  /** The header {@code Authorization} of all requests that had one. */
  public List<String> authorizations() {
    return List.copyOf(authorizations);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().toString().substring(base.length());
    asked.add(path);
    String authorization = exchange.getRequestHeaders().getFirst("Authorization");
    if (authorization != null) {
      authorizations.add(authorization);
    }
    sleep(delayMs);
    if (isStalled) {
      exchange.sendResponseHeaders(200, 1_000);
      exchange.getResponseBody().flush();
      return;
    }
    if (failures > 0) {
      failures--;
      send(exchange, failingStatus, "<html>no JSON</html>");
    } else if (requiredAuthorization != null && !requiredAuthorization.equals(authorization)) {
      send(exchange, 401, "{\"error_code\":401,\"message\":\"Unauthorized\"}");
    } else if (answers.containsKey(path)) {
      send(exchange, 200, answers.get(path));
    } else if (path.matches("/schemas/ids/\\d+")) {
      send(exchange, 404, "{\"error_code\":40403,\"message\":\"Schema not found\"}");
    } else if (path.startsWith("/subjects/")) {
      send(exchange, 404, "{\"error_code\":40402,\"message\":\"Version not found.\"}");
    } else {
      send(exchange, 404, "{\"error_code\":404,\"message\":\"HTTP 404 Not Found\"}");
    }
  }

  private static void sleep(long milliseconds) {
    try {
      Thread.sleep(milliseconds);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void send(HttpExchange exchange, int status, String text) throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
