package io.sessionize.event.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sessionize.Failure;
import io.sessionize.event.UnreadableException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParseException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks one schema registry by the API of Confluent's. Java's HTTP client has no retries: a request
 * is tried {@value #ATTEMPTS} times at each of the registry's addresses.
 */
final class RegistryClient {
  private static final Logger LOG = LoggerFactory.getLogger(RegistryClient.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int ATTEMPTS = 3;
  private static final long PAUSE_MS = 500;
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final int LARGEST_ANSWER = 16 << 20;

  /** The registry has a subject, a version of it, or a schema of this id not. */
  private static final Set<Integer> NOT_FOUND = Set.of(40401, 40402, 40403);

  /** One for the process: it has threads of its own. */
  private static final class Http {
    private static final HttpClient CLIENT =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT)
            .build();
  }

  private final String registry;
  private final RegistrySettings settings;
  private final Duration timeout;

  /**
   * @param registry its address, or several with commas between, tried in this order
   */
  RegistryClient(String registry, RegistrySettings settings) {
    this(registry, settings, TIMEOUT);
  }

  /** With another time to wait for an answer. */
  RegistryClient(String registry, RegistrySettings settings, Duration timeout) {
    this.registry = registry;
    this.settings = settings;
    this.timeout = timeout;
  }

  /**
   * Returns the Avro schema of this id.
   *
   * @return empty, if the registry has no such schema, or not all that it refers to
   * @throws UnreadableException if the schema is not Avro
   * @throws Failure unreachable, if the registry does not answer or fails; of usage, if it denies
   *     access, or is no registry
   */
  Optional<RegisteredSchema> schema(int id) throws UnreadableException {
    Optional<JsonNode> found = get("/schemas/ids/" + id);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    String type = found.get().path("schemaType").asText("AVRO");
    if (!type.equals("AVRO")) {
      throw UnreadableException.malformed("its schema " + id + " is " + type + ", not Avro");
    }
    try {
      Schema.Parser parser = parser();
      return addReferences(found.get(), parser, new HashSet<>())
          ? Optional.of(new RegisteredSchema(registry, id, parse(parser, found.get()).toString()))
          : Optional.empty();
    } catch (SchemaParseException e) {
      throw UnreadableException.malformed(
          "its schema " + id + " is not an Avro schema: " + e.getMessage());
    }
  }

  /**
   * Returns a parser that takes what the registry has taken: it checks neither names nor defaults.
   */
  static Schema.Parser parser() {
    return new Schema.Parser().setValidate(false).setValidateDefaults(false);
  }

  private static Schema parse(Schema.Parser parser, JsonNode answer) {
    return parser.parse(answer.path("schema").asText());
  }

  /** Parses the types that a schema refers to. Returns false if the registry lacks one. */
  private boolean addReferences(JsonNode answer, Schema.Parser parser, Set<String> added) {
    for (JsonNode reference : answer.path("references")) {
      String subject =
          URLEncoder.encode(reference.path("subject").asText(), StandardCharsets.UTF_8)
              .replace("+", "%20");
      // A subject that was deleted still has the schemas that others refer to.
      String path =
          "/subjects/"
              + subject
              + "/versions/"
              + reference.path("version").asInt()
              + "?deleted=true";
      if (added.add(path)) {
        Optional<JsonNode> found = get(path);
        if (found.isEmpty() || !addReferences(found.get(), parser, added)) {
          return false;
        }
        parse(parser, found.get());
      }
    }
    return true;
  }

  private Optional<JsonNode> get(String path) {
    Failure failure = null;
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      for (String address : RegistrySettings.addresses(registry)) {
        try {
          return answer(address, path, send(address, path));
        } catch (IOException e) {
          if (isUntrusted(e)) {
            throw Failure.usage(
                "The certificate of the schema registry %s is not trusted: add it to Java's trust"
                    + " store, or set -Djavax.net.ssl.trustStore in SESSIONIZE_JAVA_OPTIONS.",
                address);
          }
          failure =
              Failure.unreachable(
                  e,
                  "The schema registry %s could not be reached (%s): start it, or check registry in"
                      + " the definition.",
                  address,
                  e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
        } catch (Failure e) {
          if (e.kind() != Failure.Kind.UNREACHABLE) {
            throw e;
          }
          failure = e;
        }
        LOG.warn("Attempt {} of {}: {}", attempt, ATTEMPTS, failure.getMessage());
      }
      if (attempt < ATTEMPTS) {
        pause(attempt * PAUSE_MS);
      }
    }
    throw failure;
  }

  private static boolean isUntrusted(IOException e) {
    return Stream.<Throwable>iterate(e, Objects::nonNull, Throwable::getCause)
        .limit(10)
        .anyMatch(CertificateException.class::isInstance);
  }

  private HttpResponse<InputStream> send(String address, String path) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(address + path))
            .timeout(timeout)
            .header("Accept", "application/vnd.schemaregistry.v1+json, application/json");
    String authorization = settings.authorization(address);
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    try {
      return Http.CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static void pause(long milliseconds) {
    try {
      Thread.sleep(milliseconds);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("interrupted while it waited for a schema registry", e);
  }

  /** Reads a body in the given time. The timeout of a request ends with its headers. */
  private byte[] read(InputStream body) throws IOException {
    AtomicBoolean late = new AtomicBoolean();
    CompletableFuture.delayedExecutor(timeout.toMillis(), TimeUnit.MILLISECONDS)
        .execute(
            () -> {
              late.set(true);
              close(body);
            });
    try (body) {
      return body.readNBytes(LARGEST_ANSWER);
    } catch (IOException e) {
      throw late.get() ? new HttpTimeoutException("its answer timed out") : e;
    }
  }

  private static void close(InputStream body) {
    try {
      body.close();
    } catch (IOException e) {
      LOG.debug("The answer of a schema registry could not be closed", e);
    }
  }

  private Optional<JsonNode> answer(String address, String path, HttpResponse<InputStream> response)
      throws IOException {
    int status = response.statusCode();
    byte[] body = read(response.body());
    if (status == 401 || status == 403) {
      throw Failure.usage(
          "The schema registry %s denied access (%d): --kafka-properties must have its address as"
              + " schema.registry.url, and basic.auth.user.info.",
          address, status);
    }
    if (status >= 500 || status == 429 || status == 408) {
      throw Failure.unreachable(
          null,
          "The schema registry %s failed with status %d for %s: look at the registry's log, and run"
              + " again.",
          address,
          status,
          path);
    }
    JsonNode json = json(body);
    if (status == 404 && NOT_FOUND.contains(json.path("error_code").asInt())) {
      return Optional.empty();
    }
    if (status != 200 || !json.path("schema").isTextual()) {
      throw Failure.usage(
          "%s does not answer as a schema registry (status %d for %s): check registry in the"
              + " definition.",
          address, status, path);
    }
    return Optional.of(json);
  }

  private static JsonNode json(byte[] body) throws IOException {
    try {
      return JSON.readTree(body);
    } catch (JsonProcessingException e) {
      return JSON.missingNode();
    }
  }
}
