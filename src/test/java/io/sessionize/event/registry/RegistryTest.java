package io.sessionize.event.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.Failure.Kind;
import io.sessionize.event.Decoded.Reason;
import io.sessionize.event.UnreadableException;
import io.sessionize.testing.StubRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Asks a stub of the documented API. */
class RegistryTest {
  private static final String PAGE =
      "{\"type\":\"record\",\"name\":\"Page\",\"namespace\":\"x\",\"fields\":[{\"name\":\"title\","
          + "\"type\":\"string\"}]}";
  private static final String CLICK =
      "{\"type\":\"record\",\"name\":\"Click\",\"fields\":[{\"name\":\"page\",\"type\":\"x.Page\"}]}";

  private final StubRegistry registry = new StubRegistry();

  @AfterEach
  void close() {
    registry.close();
  }

  private RegistryClient client() {
    return new RegistryClient(registry.url(), RegistrySettings.NONE, Duration.ofMillis(500));
  }

  private static Failure fails(RegistryClient client) {
    Failure failure = assertThrows(Failure.class, () -> client.schema(1));
    assertFalse(failure.getMessage().contains("\n"), failure.getMessage());
    return failure;
  }

  @Test
  void aSchemaIsAskedForOnceInAProcess() throws IOException {
    registry.register(1, PAGE);
    List<RegisteredSchema> used = new ArrayList<>();
    byte[] value = WireRecords.avro(1, PAGE, Map.of("title", "t"));
    for (int task = 0; task < 3; task++) {
      Schemas schemas = new Schemas(RegistryAccess.NONE, List.of());
      AvroReader reader = new AvroReader(registry.url(), null, schemas, used::add);
      reader.open(value).close();
      reader.open(value).close();
    }
    assertEquals(List.of("/schemas/ids/1"), registry.asked());
    assertEquals(3, used.size(), "each task tells what it used");
    assertEquals(new RegisteredSchema(registry.url(), 1, PAGE), used.get(0));
  }

  @Test
  void aSchemaIsTakenWithAllThatItRefersTo() throws IOException {
    registry.answer(
        "/schemas/ids/2",
        StubRegistry.json(
            Map.of(
                "schema",
                CLICK,
                "references",
                List.of(Map.of("name", "x.Page", "subject", "a page/1", "version", 3)))));
    registry.answer(
        "/subjects/a%20page%2F1/versions/3?deleted=true",
        StubRegistry.json(Map.of("subject", "a page/1", "schema", PAGE)));
    String text = client().schema(2).orElseThrow().text();
    assertEquals(CLICK.replace("\"x.Page\"", PAGE), text);
  }

  @Test
  void aSchemaWithoutAllThatItRefersToIsUnknown() throws IOException {
    registry.answer(
        "/schemas/ids/2",
        StubRegistry.json(
            Map.of("schema", CLICK, "references", List.of(Map.of("subject", "p", "version", 1)))));
    assertTrue(client().schema(2).isEmpty());
  }

  @Test
  void anIdThatTheRegistryDoesNotHaveRejectsTheRecord() {
    AvroReader reader =
        new AvroReader(
            registry.url(), null, new Schemas(RegistryAccess.NONE, List.of()), schema -> {});
    for (int record = 0; record < 2; record++) {
      UnreadableException thrown =
          assertThrows(UnreadableException.class, () -> reader.open(WireRecords.withHeader(404)));
      assertEquals(Reason.UNKNOWN_SCHEMA, thrown.reason());
    }
    assertEquals(List.of("/schemas/ids/404"), registry.asked());
  }

  @Test
  void aSchemaThatIsNotAvroRejectsTheRecord() {
    registry.answer(
        "/schemas/ids/1", StubRegistry.json(Map.of("schema", "x", "schemaType", "PROTOBUF")));
    registry.answer("/schemas/ids/2", StubRegistry.json(Map.of("schema", "{\"type\":\"no\"}")));
    for (int id : List.of(1, 2)) {
      UnreadableException thrown =
          assertThrows(UnreadableException.class, () -> client().schema(id));
      assertEquals(Reason.MALFORMED, thrown.reason());
    }
  }

  @Test
  void aFailureThatPassesIsNotSeen() throws IOException {
    registry.register(1, PAGE);
    registry.fail(503, 2);
    assertTrue(client().schema(1).isPresent());
    assertEquals(3, registry.asked().size());
  }

  @ParameterizedTest
  @ValueSource(ints = {500, 503, 429})
  void aRegistryThatFailsIsAServiceThatCannotBeReached(int status) {
    registry.fail(status, 100);
    Failure failure = fails(client());
    assertEquals(Kind.UNREACHABLE, failure.kind());
    assertTrue(failure.getMessage().contains("status " + status), failure.getMessage());
    assertEquals(3, registry.asked().size());
  }

  @Test
  void aRegistryThatIsAwayCannotBeReached() {
    registry.close();
    Failure failure = fails(client());
    assertEquals(Kind.UNREACHABLE, failure.kind());
    assertTrue(failure.getMessage().contains(registry.url()), failure.getMessage());
  }

  @Test
  void aRegistryThatStallsInItsAnswerCannotBeReached() {
    registry.stall();
    Failure failure = assertTimeoutPreemptively(Duration.ofSeconds(30), () -> fails(client()));
    assertEquals(Kind.UNREACHABLE, failure.kind());
    assertTrue(failure.getMessage().contains("timed out"), failure.getMessage());
  }

  @Test
  void anUnknownIdIsAskedForOnceInABatch() {
    Schemas batch = new Schemas(RegistryAccess.NONE, List.of());
    Schemas next = new Schemas(RegistryAccess.NONE, List.of());
    for (Schemas schemas : List.of(batch, batch, next)) {
      AvroReader task = new AvroReader(registry.url(), null, schemas, schema -> {});
      assertThrows(UnreadableException.class, () -> task.open(WireRecords.withHeader(404)));
    }
    assertEquals(2, registry.asked().size());
  }

  @Test
  void manyUnknownIdsEndTheBatch() throws IOException {
    Schemas batch = new Schemas(RegistryAccess.NONE, List.of());
    for (int id = 1; id <= Schemas.MOST_UNKNOWN; id++) {
      assertTrue(batch.find(registry.url(), id).isEmpty());
    }
    Failure failure =
        assertThrows(Failure.class, () -> batch.find(registry.url(), Schemas.MOST_UNKNOWN + 1));
    assertEquals(Kind.BROKEN, failure.kind());
    assertTrue(failure.getMessage().contains(registry.url()), failure.getMessage());
    assertTrue(batch.find(registry.url(), 1).isEmpty());
  }

  @Test
  void aRegistryThatIsTooSlowCannotBeReached() {
    registry.delay(2_000);
    Failure failure = fails(client());
    assertEquals(Kind.UNREACHABLE, failure.kind());
    assertTrue(failure.getMessage().contains("timed out"), failure.getMessage());
  }

  @Test
  void theNextAddressAnswersIfOneIsAway() throws IOException {
    registry.register(1, PAGE);
    String both = "http://127.0.0.1:1, " + registry.url() + "/";
    RegistryClient client = new RegistryClient(both, RegistrySettings.NONE);
    assertEquals(both, client.schema(1).orElseThrow().registry());
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 301, 400, 404})
  void anotherServerIsAWrongAddress(int status) {
    registry.fail(status, 1);
    Failure failure = fails(client());
    assertEquals(Kind.USAGE, failure.kind());
    assertTrue(failure.getMessage().contains("status " + status), failure.getMessage());
  }

  @Test
  void theUserAndThePasswordAreSentToTheAddressOfTheirFileOnly() throws IOException {
    registry.register(1, PAGE);
    registry.requireAuthorization("Basic dTpwOnc=");
    RegistrySettings settings =
        RegistrySettings.of(
            Map.of("schema.registry.url", registry.url() + "/", "basic.auth.user.info", "u:p:w"));
    assertTrue(new RegistryClient(registry.url(), settings).schema(1).isPresent());
    RegistrySettings other =
        RegistrySettings.of(
            Map.of("schema.registry.url", "https://other", "basic.auth.user.info", "u:p:w"));
    Failure denied = fails(new RegistryClient(registry.url(), other));
    assertEquals(Kind.USAGE, denied.kind());
    assertTrue(denied.getMessage().contains("denied access (401)"), denied.getMessage());
    assertEquals(1, registry.authorizations().size());
    assertFalse((settings + denied.getMessage()).contains("p:w"));
  }

  @Test
  void aPasswordIsNotSentUnencrypted() {
    RegistrySettings settings =
        RegistrySettings.of(
            Map.of("schema.registry.url", "http://r,https://s", "basic.auth.user.info", "u:p"));
    assertEquals(
        Kind.USAGE,
        assertThrows(Failure.class, () -> settings.requireEncrypted("http://r")).kind());
    settings.requireEncrypted("http://q,https://s");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://u:secret@r",
        "registry:8081",
        "ftp://r",
        "http://",
        "http://a b",
        "https://r?key=secret",
        "https://r#secret"
      })
  void anAddressIsOneOfTheWebWithoutAUser(String address) {
    Failure failure = assertThrows(Failure.class, () -> RegistrySettings.addresses(address));
    assertEquals(Kind.USAGE, failure.kind());
    assertFalse(failure.getMessage().contains("secret"));
  }

  @Test
  void settingsThatAreIncompleteAreRefused() {
    for (Map<String, String> settings :
        List.of(
            Map.of("basic.auth.user.info", "u:p"),
            Map.of("basic.auth.user.info", "u", "schema.registry.url", "https://r"),
            Map.of("basic.auth.credentials.source", "SASL_INHERIT"))) {
      Failure failure = assertThrows(Failure.class, () -> RegistrySettings.of(settings));
      assertEquals(Kind.USAGE, failure.kind());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"schema.registry.ssl.truststore.location", "basic.auth.user", "bearer.auth.token"})
  void aSettingThatIsNotSupportedIsRefusedByItsName(String name) {
    assertTrue(RegistrySettings.isOne(name));
    Failure failure =
        assertThrows(Failure.class, () -> RegistrySettings.of(Map.of(name, "secret")));
    assertEquals(Kind.USAGE, failure.kind());
    assertTrue(failure.getMessage().contains(name), failure.getMessage());
    assertFalse(failure.getMessage().contains("secret"));
  }
}
