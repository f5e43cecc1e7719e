package io.sessionize.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sessionize.Failure;
import io.sessionize.event.DefinitionContent;
import io.sessionize.event.DefinitionFile;
import io.sessionize.event.KafkaRecord;
import io.sessionize.event.Limits;
import io.sessionize.event.RecordFormat;
import io.sessionize.event.registry.WireRecords;
import io.sessionize.session.EventTests;
import io.sessionize.session.Rules;
import io.sessionize.testing.StubRegistry;
import io.sessionize.testing.TestBroker;
import io.sessionize.testing.TestSpark;
import io.sessionize.trial.Trial;
import io.sessionize.trial.Tried;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TryCommandTest extends CommandLineFixture {
  private static final Path SEGMENT = Path.of("src/test/resources/definitions/segment.jsonl");

  @TempDir private Path folder;

  @Test
  void theOutputFitsATerminalAndSaysEverythingInPlainWords() throws IOException {
    Path definition =
        file(
            "clicks.yaml",
            """
            version: 1
            topics:
              clicks:
                event: {uuid: /user, event_id: /id, event_timestamp: {at: /at, as: iso8601}, page_name: /page}
                properties: {price: {at: /price, as: double}}
            """);
    Path records =
        file(
            "clicks.jsonl",
            """
            {"id":"1","user":"ann","at":"2026-03-02T09:58:11Z","page":"/home","items":[{"sku":"a"},{"sku":"b"}]}
            {"id":"2","user":"ann","at":"2026-03-02T09:59:11Z","page":"/basket","price":"49,90"}

            {"id":"2","user":"ann","at":"2026-03-02T09:59:11Z","page":"/basket","price":49.9}
            {"id":"3","at":"2026-03-02T09:59:11Z","page":"/a-page-with-a-name-that-is-longer-than-a-line"}
            {"id":"4","user":"a-user-with-an-id-that-is-longer-than-most","at":"2026-03-02T11:00:00Z"}
            """);
    assertEquals(
        0, run("try", "--definition", definition.toString(), "--from-file", records.toString()));
    assertEquals("", err());
    assertEquals(
        """
        topic     clicks
        records         5
        events          3
        duplicates      1
        filtered        0
        rejected        1
               1  missing_uuid      line 5
                  uuid is missing or blank
                  {"id":"3","at":"2026-03-02T09:59:11Z","page":"/a-page-with-a-name-t...
        unfit           1  values that do not fit the type: null
               1  price: double     line 2
                  "49,90"

        Fields that the definition does not use: count, place, example
               2  /items/*/sku                               "a"

        2 sessions of 2 users from 3 events; duplicates: 1, with other content: 1
        +------------------+-------------------+-------+------+--------------+
        |uuid              |start (UTC)        |seconds|events|pages         |
        +------------------+-------------------+-------+------+--------------+
        |ann               |2026-03-02 09:58:11|60     |2     |/home, /basket|
        |a-user-with-an-...|2026-03-02 11:00:00|0      |1     |              |
        +------------------+-------------------+-------+------+--------------+
        """,
        out());
  }

  @Test
  void aPresetThatFitsIsNamed() {
    assertEquals(0, run("try", "--from-file", SEGMENT.toString()));
    assertTrue(out().contains("       6  missing_uuid      line 1\n"), out());
    assertTrue(out().contains("  and 22 more: --format json shows all\n"), out());
    assertTrue(
        out()
            .endsWith(
                "There are no sessions.\n"
                    + "The preset segment makes events of 4 of the first 6 records. As a definition:\n\n"
                    + "version: 1\ntopics:\n  clickstream-events: {preset: segment}\n"),
        out());
    out().lines().forEach(line -> assertTrue(line.length() <= 80, line));
  }

  @Test
  void asJsonEachFieldAndSessionIsThere() throws IOException {
    Path definition = file("d.yaml", "{version: 1, topics: {web: {preset: segment}}}");
    assertEquals(
        0,
        run(
            "try",
            "--definition",
            definition.toString(),
            "--kafka-topic",
            "web-test",
            "--from-file",
            SEGMENT.toString(),
            "--format",
            "json",
            "--inactivity-timeout",
            "2m"));
    JsonNode tried = new ObjectMapper().readTree(out());
    JsonNode topic = tried.at("/topics/0");
    assertEquals("web-test", topic.get("topic").asText());
    assertEquals(6, topic.get("records").asInt());
    assertEquals(6, topic.get("elements").asInt());
    assertEquals(4, topic.get("events").asInt());
    assertEquals(0, topic.get("duplicates").asInt());
    assertEquals(
        "{\"reason\":\"placeholder_uuid\",\"count\":1,\"first\":\"line 5\"",
        topic.at("/rejected/1").toString().split(",\"detail\"")[0]);
    assertEquals("revenue", topic.at("/unfit/0/property").asText());
    assertEquals(
        "{\"at\":\"/context/library/name\",\"in\":\"event\",\"count\":5,\"example\":\"\\\"analytics.js\\\"\"}",
        topic.at("/unused/0").toString());
    assertEquals(4, tried.get("sessions").size());
    assertEquals("2026-03-02T09:58:01.250Z", tried.at("/sessions/0/session_start").asText());
  }

  @Test
  void theRulesOfTheDefinitionCutTheSessions() throws IOException {
    Path definition =
        file(
            "d.yaml",
            "{version: 1, topics: {web: {preset: sessionize}}, session: {rules: {max_events: 3,"
                + " end_session_on_page: [login]}}}");
    String line =
        "{\"uuid\":\"ann\",\"event_id\":\"%d\",\"event_timestamp\":%d,\"page_name\":\"%s\"}\n";
    StringBuilder lines = new StringBuilder();
    List<String> pages = List.of("home", "login", "a", "b", "c", "d");
    for (int i = 0; i < pages.size(); i++) {
      lines.append(String.format(line, i, 1_772_359_200_000L + i * 1_000, pages.get(i)));
    }
    assertEquals(
        0,
        run(
            "try",
            "--definition",
            definition.toString(),
            "--from-file",
            file("f.jsonl", lines.toString()).toString(),
            "--format",
            "json"));
    JsonNode sessions = new ObjectMapper().readTree(out()).get("sessions");
    assertEquals(
        List.of("end_session_on_page", "max_events", ""),
        sessions.findValues("boundary_rule").stream().map(rule -> rule.asText("")).toList());
  }

  private static final String WITH_COLUMNS =
      """
      version: 1
      topics:
        clicks:
          preset: sessionize
          properties: {price: {at: /price, as: double}}
      session:
        include: [web]
        columns:
          revenue_of_all: "aggregate(events, 0D, (s, e) -> s + coalesce(e.price, 0D))"
          first: "pages_visited[0]"
          share: "cast(size(events) / 10D AS decimal(4, 2))"
          wrong: "element_at(events, 0).event_id"
      """;

  /** Parses the expressions of a definition. A test must not end the Spark that others share. */
  private static TryExpressions expressions(String definition) {
    DefinitionContent content = DefinitionFile.parse("d.yaml", definition);
    return TryExpressions.of(
        TestSpark.session(), content.definition(), Rules.DEFAULT, content.columns());
  }

  private static Tried tried(String... records) {
    Trial trial =
        new Trial(
            DefinitionFile.parse("d.yaml", WITH_COLUMNS).definition(),
            new Limits(0, null),
            topic -> RecordFormat.json(),
            Rules.DEFAULT,
            EventTests.NONE);
    for (String record : records) {
      byte[] value = record.getBytes(StandardCharsets.UTF_8);
      trial.add(new KafkaRecord("clicks", 0, 0, -1, value), "line");
    }
    return trial.result(Trial.Filter.NONE);
  }

  @Test
  void sessionColumnsAreShown() throws IOException {
    Tried tried =
        tried(
            "{\"uuid\":\"ann\",\"event_id\":\"1\",\"event_timestamp\":1772359200000,\"page_name\":\"home\\u001b\",\"price\":1.5}",
            "{\"uuid\":\"ann\",\"event_id\":\"2\",\"event_timestamp\":1772359260000,\"page_name\":\"cart\",\"price\":2}",
            "{\"uuid\":\"bob\",\"event_id\":\"3\",\"event_timestamp\":1772359320000}");
    JsonNode json =
        new ObjectMapper().readTree(TryJson.of(tried, expressions(WITH_COLUMNS).columns()));
    JsonNode ann = json.at("/sessions/0/session_columns");
    assertEquals("3.5", ann.get("revenue_of_all").toString());
    assertEquals("home\u001b", ann.get("first").asText());
    assertTrue(ann.get("wrong").isNull());
    assertEquals(2, ann.get("views").asInt(), ann.toString());
    assertEquals("false", ann.get("bounced").toString());
    JsonNode bob = json.at("/sessions/1/session_columns");
    assertEquals("0.0", bob.get("revenue_of_all").toString());
    assertTrue(bob.has("first") && bob.get("first").isNull(), bob.toString());
    assertEquals(2, json.get("failed_columns").asInt());

    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    new TryPrinter(new PrintStream(bytes, true, StandardCharsets.UTF_8))
        .print(tried, expressions(WITH_COLUMNS).columns());
    String text = bytes.toString(StandardCharsets.UTF_8);
    assertTrue(text.contains("\nbob, 2026-03-01 10:02:00\n"), text);
    assertTrue(text.contains("\n  first                    \"home\\u001B\"\n"), text);
    assertTrue(text.contains("\n  revenue_of_all           3.5\n"), text);
    assertTrue(text.contains("\n  share                    0.20\n"), "All digits: " + text);
    assertTrue(text.contains("\n  null: channel, device, ") && text.contains(", wrong\n"), text);
    String last = "\nfailed_columns 2: a session column failed on a session, and is null there\n";
    assertTrue(text.endsWith(last), text);
    text.lines().forEach(line -> assertTrue(line.length() <= 80, line));
  }

  @ParameterizedTest
  @CsvSource({
    "pages_visited[0],now(),session column first",
    "first:,views:,Session column views of --definition is in the set web too"
  })
  void aWrongSessionColumnIsRefusedAsARunDoes(String part, String wrong, String message) {
    Failure refused =
        assertThrows(Failure.class, () -> expressions(WITH_COLUMNS.replace(part, wrong)));
    assertEquals(Failure.Kind.USAGE, refused.kind());
    assertTrue(refused.getMessage().contains(message), refused.getMessage());
  }

  @Test
  void anEmptyFileHasNoRecords() throws IOException {
    assertEquals(0, run("try", "--from-file", file("empty", "\n").toString()));
    assertEquals("There are no records.\n", out());
  }

  @Test
  void aFileIsCutAfterItsHundredThousandthRecord() throws IOException {
    String lines = "{}\n".repeat(100_000);
    assertEquals(0, run("try", "--from-file", file("whole", lines).toString()));
    assertTrue(out().contains("records    100,000\n") && !out().contains("only the first"), out());
    assertEquals(0, run("try", "--from-file", file("longer", lines + "{}\n").toString()));
    assertTrue(out().contains("records    100,000\n"), out());
    assertTrue(out().contains("only the first 100,000 records were read\n"), out());
  }

  @Test
  void eventsOnWhichAConditionFailedAreShown() throws IOException {
    Tried tried = new Tried(List.of(), List.of(), 0, 0, 0, 0, 2);
    ByteArrayOutputStream shown = new ByteArrayOutputStream();
    new TryPrinter(new PrintStream(shown, true, StandardCharsets.UTF_8))
        .print(tried, TryColumns.NONE);
    assertEquals(
        "failed_conditions 2: a condition failed on an event, and is false there",
        shown.toString(StandardCharsets.UTF_8).lines().findFirst().orElseThrow());
    assertEquals(
        2,
        new ObjectMapper()
            .readTree(TryJson.of(tried, TryColumns.NONE))
            .at("/failed_conditions")
            .asInt());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--from-file /no/such/file|there is no such file",
        "--from-file f --last 5|--last is for a topic",
        "--from-file f --format csv|--format must be table or json, not 'csv'",
        "--from-file f --definition /no/such/file|there is no such file",
        "--from-file f --inactivity-timeout 3h --max-session-duration 2h|above the maximum",
        "--last 0|--last must be",
        "--kafka-servers nonsense|must be host:port",
        "clicks.jsonl|Unexpected word 'clicks.jsonl'",
      })
  void usageFailuresAreOneLine(String options, String part) {
    assertRefused(part, ("try " + options).split(" "));
  }

  @Test
  void aFileOfSeveralTopicsNeedsTheNameOfOne() throws IOException {
    String definition =
        file("d.yaml", "{version: 1, topics: {web: {preset: segment}, app: {preset: posthog}}}")
            .toString();
    assertRefused(
        "say with --kafka-topic of which one the file is: app, web",
        "try",
        "--definition",
        definition,
        "--from-file",
        SEGMENT.toString());
    assertRefused(
        "The definition has no topic clicks: give one of app, web",
        "try",
        "--definition",
        definition,
        "--from-file",
        SEGMENT.toString(),
        "--kafka-topic",
        "clicks");
    assertEquals(
        0,
        run(
            "try",
            "--definition",
            definition,
            "--from-file",
            SEGMENT.toString(),
            "--kafka-topic",
            "web"));
    assertTrue(out().startsWith("topic     web\nrecords         6\nevents          4\n"), out());
  }

  @Test
  void theNewestRecordsOfEachTopicAreRead() throws IOException {
    TestBroker broker = TestBroker.shared();
    String web = broker.createTopic("web", 1);
    String app = broker.createTopic("app", 2);
    for (String line : Files.readAllLines(SEGMENT)) {
      broker.send(web, 0, null, line.getBytes(StandardCharsets.UTF_8), null);
    }
    broker.send(app, 1, null, "{}".getBytes(StandardCharsets.UTF_8), null);
    String definition =
        file(
                "d.yaml",
                String.format(
                    "{version: 1, topics: {%s: {preset: segment}, %s: {preset: posthog}}}",
                    web, app))
            .toString();
    assertEquals(
        0,
        run("try", "--definition", definition, "--kafka-servers", broker.servers(), "--last", "5"));
    assertTrue(out().startsWith("topic     " + app + "\nrecords         1\n"), out());
    assertTrue(out().contains("missing_uuid      partition 1, offset 0\n"), out());
    assertTrue(
        out().contains("topic     " + web + "\nrecords         5\nevents          3\n"), out());
    assertTrue(out().contains("\n3 sessions of 3 users from 3 events\n"), out());
  }

  @Test
  void fieldsOfAvroAreShownAsThoseOfJson() throws IOException {
    TestBroker broker = TestBroker.shared();
    String topic = broker.createTopic("avro", 1);
    String schema =
        """
        {"type": "record", "name": "Click", "fields": [{"name": "user", "type": "string"},
          {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
          {"name": "ip", "type": ["null", "string"], "default": null}]}
        """;
    try (StubRegistry registry = new StubRegistry()) {
      registry.register(7, schema);
      Map<String, Object> fields = Map.of("user", "ann", "at", 1_772_452_800_000L, "ip", "i");
      broker.send(topic, 0, null, WireRecords.avro(7, schema, fields), null);
      String definition =
          file(
                  "d.yaml",
                  String.format(
                      "{version: 1, topics: {%s: {format: avro, registry: '%s', event: {uuid: /user,"
                          + " event_timestamp: /at}}}}",
                      topic, registry.url()))
              .toString();
      assertEquals(0, run("try", "--definition", definition, "--kafka-servers", broker.servers()));
    }
    assertTrue(out().contains("\nevents          1\n"), out());
    assertTrue(out().contains("       1  /ip "), out());
  }

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }
}
