package io.sessionize.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.audit.proof.Proof;
import io.sessionize.audit.proof.ProofReport;
import io.sessionize.audit.proof.ProofReport.Evidence;
import io.sessionize.cli.Failures;
import io.sessionize.event.Definition;
import io.sessionize.event.DefinitionFile;
import io.sessionize.event.GivenDefinition;
import io.sessionize.event.registry.RegistrySettings;
import io.sessionize.event.registry.WireRecords;
import io.sessionize.job.BatchReport;
import io.sessionize.job.CrashPoint;
import io.sessionize.job.Job;
import io.sessionize.session.GivenRules;
import io.sessionize.session.Rules;
import io.sessionize.source.KafkaConnection;
import io.sessionize.source.KafkaReadOptions;
import io.sessionize.spark.SparkJobs;
import io.sessionize.testing.ScenarioTables;
import io.sessionize.testing.StubRegistry;
import io.sessionize.testing.TestBroker;
import io.sessionize.testing.TestClick;
import io.sessionize.testing.TestSpark;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A real broker with Avro records, and a stub of a schema registry that can fail. */
class SchemaRegistryScenarioTest {
  private static final String CLICK =
      "{\"type\":\"record\",\"name\":\"Click\",\"fields\":[{\"name\":\"user\",\"type\":\"string\"},"
          + "{\"name\":\"at\",\"type\":{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}},"
          + "{\"name\":\"page\",\"type\":\"string\"}]}";
  private static final String WITH_CAMPAIGN =
      "{\"type\":\"record\",\"name\":\"Click\",\"fields\":[{\"name\":\"campaign\",\"type\":"
          + "[\"null\",\"string\"],\"default\":null},{\"name\":\"page\",\"type\":\"string\"},"
          + "{\"name\":\"user\",\"type\":\"string\"},{\"name\":\"at\",\"type\":\"long\"}]}";

  private final StubRegistry registry = new StubRegistry();
  private final ScenarioTables tables = new ScenarioTables();
  private final TestBroker broker = TestBroker.shared();
  private final String topic = broker.createTopic("avro", 1);
  private Map<String, String> kafkaSettings = Map.of();

  @AfterEach
  void close() {
    registry.close();
  }

  private Definition definition(String format) {
    return DefinitionFile.parse(
            "test.yaml",
            String.join(
                "\n",
                "version: 1",
                "topics:",
                "  " + topic + ":",
                "    format: " + format,
                "    registry: " + registry.url(),
                "    event: {uuid: /user, event_timestamp: /at, page_name: /page}",
                "    properties: {campaign: /campaign}"))
        .definition();
  }

  private void send(byte[] value) {
    broker.send(topic, 0, null, value, TestClick.at("11:00"));
  }

  private static byte[] click(int id, String schema, String time, Map<String, ?> more) {
    Map<String, Object> fields = new TreeMap<>(more);
    fields.put("user", "anna");
    fields.put("at", TestClick.at(time));
    fields.put("page", "page at " + time);
    return WireRecords.avro(id, schema, fields);
  }

  private Job job(String format) {
    Job plain = TestSpark.job(tables.names(), Rules.DEFAULT, null, TestClick.at("12:00"));
    return new Job(
        plain.names(),
        GivenRules.all(Rules.DEFAULT),
        plain.watermarkDelay(),
        plain.lateHorizon(),
        plain.clockSkew(),
        plain.clock(),
        null,
        new GivenDefinition(definition(format)));
  }

  private BatchReport run(String format) {
    return SparkJobs.run(
            TestSpark.session(),
            job(format),
            source(),
            TestSpark.warehouse().resolve("_checkpoints/" + tables.names().table()).toString(),
            batch -> {},
            CrashPoint.Probe.NONE)
        .execute(() -> false);
  }

  private KafkaReadOptions source() {
    return new KafkaReadOptions(
        new KafkaConnection(broker.servers(), kafkaSettings),
        Set.of(topic),
        null,
        Long.MAX_VALUE,
        true);
  }

  private Set<String> events() {
    return tables
        .rows(
            "SELECT concat_ws(' ', e.page_name, e.campaign) FROM ${open} LATERAL VIEW explode(events) AS e")
        .stream()
        .map(row -> row.getString(0))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private List<String> reasons() {
    return TestSpark.session()
        .table(tables.names().rejected())
        .orderBy("offset")
        .select("reason")
        .collectAsList()
        .stream()
        .map((Row row) -> row.getString(0))
        .toList();
  }

  private Failure failure() {
    return Failures.explain(assertThrows(RuntimeException.class, () -> run("avro")));
  }

  @Test
  void theSchemaMayChangeInTheMiddleOfABatch() {
    registry.register(1, CLICK);
    registry.register(2, WITH_CAMPAIGN);
    send(click(1, CLICK, "10:50", Map.of()));
    send(click(2, WITH_CAMPAIGN, "10:51", Map.of("campaign", "may")));
    send(click(99, CLICK, "10:52", Map.of()));
    send(click(1, CLICK, "10:53", Map.of()));
    send(WireRecords.withHeader(1, (byte) 2));

    BatchReport report = run("avro");

    assertEquals(Set.of("page at 10:50", "page at 10:51 may", "page at 10:53"), events());
    assertEquals(List.of("unknown_schema", "malformed"), reasons());
    assertEquals(5, report.read().records());
    // The texts are kept, each once, and the registry is not needed any more
    assertEquals(2, tables.tables().registeredSchemas(null).size());
    registry.close();
    send(click(2, WITH_CAMPAIGN, "10:54", Map.of("campaign", "june")));
    run("avro");
    assertTrue(events().contains("page at 10:54 june"));
    assertEquals(2, tables.tables().registeredSchemas(null).size());
    assertProven(0);
  }

  @Test
  void anIdThatWasUnknownStaysSoInAProof() {
    send(click(98, CLICK, "10:50", Map.of()));
    run("avro");
    registry.register(98, CLICK);
    send(click(98, CLICK, "10:51", Map.of()));
    run("avro");
    assertEquals(Set.of("page at 10:51"), events());
    SparkJobs.retry(TestSpark.session(), job("avro"), RegistrySettings.NONE, CrashPoint.Probe.NONE)
        .execute(Optional.of("unknown_schema"), true);
    assertEquals(Set.of("page at 10:50", "page at 10:51"), events());
    registry.close();
    assertProven(0, 1, 2);
  }

  /** Proves runs; the newest is number 0. */
  private void assertProven(int... runs) {
    Proof proof = new Proof(TestSpark.session(), tables.names(), recorded -> recorded, source());
    for (int run : runs) {
      ProofReport proven = proof.prove(proof.last(run + 1).get(run));
      assertNotEquals(Evidence.STORED_EVENTS, proven.evidence());
      assertTrue(proven.isProven(), proven.differences().toString());
    }
  }

  @Test
  void aRegistryThatFailsEndsTheRunWith5AndLosesNothing() {
    registry.register(1, CLICK);
    send(click(1, CLICK, "10:50", Map.of()));
    registry.fail(500, 3);
    Failure failure = failure();
    assertEquals(Failure.Kind.UNREACHABLE, failure.kind(), failure.getMessage());
    assertTrue(failure.getMessage().contains(registry.url()), failure.getMessage());
    assertFalse(failure.getMessage().contains("\n"));
    assertEquals(0, tables.count("SELECT count(*) FROM ${open}"));
    run("avro");
    assertEquals(Set.of("page at 10:50"), events());
    assertEquals(List.of(), reasons());
  }

  @Test
  void aRegistryWithAUserGetsItFromThePropertiesFile() {
    registry.register(1, CLICK);
    registry.requireAuthorization("Basic dTpzZWNyZXQ=");
    send(click(1, CLICK, "10:50", Map.of()));
    assertEquals(Failure.Kind.USAGE, failure().kind());
    kafkaSettings =
        Map.of("schema.registry.url", registry.url(), "basic.auth.user.info", "u:secret");
    Failure unencrypted = failure();
    assertTrue(unencrypted.getMessage().contains("unencrypted"), unencrypted.getMessage());
    assertFalse(unencrypted.getMessage().contains("secret"), unencrypted.getMessage());
    assertEquals(List.of(), registry.authorizations());
  }

  @Test
  void jsonAfterAHeaderIsReadWithoutTheRegistry() {
    String json = "{\"user\":\"anna\",\"at\":" + TestClick.at("10:50") + ",\"page\":\"home\"}";
    send(WireRecords.withHeader(7, json.getBytes(StandardCharsets.UTF_8)));
    send(json.getBytes(StandardCharsets.UTF_8));
    run("json-registry");
    assertEquals(Set.of("home"), events());
    assertEquals(List.of("malformed"), reasons());
    assertEquals(List.of(), registry.asked());
  }
}
