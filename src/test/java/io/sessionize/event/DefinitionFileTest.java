package io.sessionize.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.column.GivenColumns;
import io.sessionize.column.WebSettings;
import io.sessionize.event.DefinitionKey.Section;
import io.sessionize.event.TopicDefinition.EventMapping;
import io.sessionize.event.TopicDefinition.Format;
import io.sessionize.event.TopicDefinition.Place;
import io.sessionize.event.TopicDefinition.TimeFormat;
import io.sessionize.event.TopicDefinition.TimeMapping;
import io.sessionize.row.EventRows;
import io.sessionize.row.KnownRows;
import io.sessionize.row.OutcomeRows;
import io.sessionize.session.PropertyType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DefinitionFileTest {
  private static final String FULL =
      """
      version: 1
      topics:
        web:
          format: json-registry
          registry: http://registry:8081
          records: /batch
          where: "event_name = 'page'"
          event:
            uuid: [/anonymousId, {at: /userId, in: record}]
            event_id: /messageId
            event_timestamp: {created: /created, sent: {at: /sentAt, in: record}, received: /received, as: [iso8601, epoch_s]}
            order: /context/seq
            page_name: /properties/a~1b
            booking_details: /booking
            event_name: /event
          properties:
            source: /context/source
            price: {at: /price, as: "decimal(10, 2)"}
            seen: {at: /seen, as: timestamp, format: epoch_us}
            plan: {at: /plan, in: record, as: long}
      placeholders: [null, 0, "x y"]
      """;

  @Test
  void aMissingFileIsNamed() {
    Failure failure =
        assertThrows(Failure.class, () -> DefinitionFile.read(Path.of("/nowhere/d.yaml")));
    assertEquals(
        "Cannot read --definition '/nowhere/d.yaml': there is no such file.", failure.getMessage());
  }

  @Test
  void everyKeyIsRead() {
    EventMapping event =
        new EventMapping(
            List.of(new Place("/anonymousId", false), new Place("/userId", true)),
            new Place("/messageId", false),
            new TimeMapping(
                null,
                new Place("/created", false),
                new Place("/sentAt", true),
                new Place("/received", false),
                List.of(TimeFormat.ISO8601, TimeFormat.EPOCH_S)),
            new Place("/context/seq", false),
            new Place("/properties/a~1b", false),
            new Place("/booking", false),
            null,
            new Place("/event", false),
            null,
            null);
    TreeMap<String, PropertyMapping> properties = new TreeMap<>();
    properties.put(
        "source",
        new PropertyMapping(new Place("/context/source", false), PropertyType.STRING, null));
    properties.put(
        "price",
        new PropertyMapping(new Place("/price", false), PropertyType.decimal(10, 2), null));
    properties.put(
        "seen",
        new PropertyMapping(
            new Place("/seen", false), PropertyType.TIMESTAMP, List.of(TimeFormat.EPOCH_US)));
    properties.put("plan", new PropertyMapping(new Place("/plan", true), PropertyType.LONG, null));
    TopicDefinition web =
        new TopicDefinition(
            Format.JSON_REGISTRY,
            "http://registry:8081",
            "/batch",
            "event_name = 'page'",
            event,
            properties,
            null);
    Definition definition = DefinitionFile.parse("web.yaml", FULL).definition();
    assertEquals(
        new Definition(
            1, new TreeMap<>(Map.of("web", web)), new TreeSet<>(List.of("null", "0", "x y"))),
        definition);
    assertEquals(definition, Definition.parse(definition.text()));
  }

  @Test
  void whatTheFileDoesNotGiveIsOfThePreset() {
    TopicDefinition builtIn = Definition.builtIn("clicks").topics().get("clicks");
    Definition definition =
        DefinitionFile.parse(
                "f",
                "version: 1\ntopics: {clicks: {preset: sessionize, event: {page_name: /page}}}")
            .definition();
    TopicDefinition clicks = definition.topics().get("clicks");
    assertEquals(new Place("/page", false), clicks.event().pageName());
    assertEquals(builtIn.event().uuid(), clicks.event().uuid());
    assertEquals(builtIn.event().details(), clicks.event().details());
    assertEquals(
        Definition.builtIn("clicks"),
        DefinitionFile.parse("f", "version: 1\ntopics: {clicks: {preset: sessionize}}")
            .definition());
    assertEquals(
        null,
        DefinitionFile.parse(
                "f",
                "version: 1\ntopics: {clicks: {preset: sessionize, event: {event_name: /name}}}")
            .definition()
            .topics()
            .get("clicks")
            .event()
            .details());
  }

  @Test
  void aFileWithoutPlaceholdersHasTheUsualOnes() {
    String topic = "{event: {uuid: /u, event_timestamp: /t}}";
    assertEquals(
        DefinitionFile.PLACEHOLDER_IDS,
        DefinitionFile.parse("f", "version: 1\ntopics: {a: " + topic + "}")
            .definition()
            .placeholders());
    assertEquals(
        new TreeSet<>(),
        DefinitionFile.parse("f", "version: 1\nplaceholders: []\ntopics: {a: " + topic + "}")
            .definition()
            .placeholders());
  }

  @Test
  void eachPresetIsATopic() {
    for (String preset : DefinitionFile.PRESETS) {
      assertTrue(DefinitionFile.preset(preset).event().uuid().size() > 0, preset);
    }
  }

  @Test
  void keysAreUniqueWithinTheirSection() {
    for (Section section : Section.values()) {
      List<String> texts = section.keys().stream().map(DefinitionKey::text).toList();
      assertEquals(texts.stream().distinct().toList(), texts);
      assertTrue(texts.size() > 0, section.name());
    }
  }

  @Test
  void noPropertyCanHaveTheNameOfAColumn() {
    for (String column : EventRows.EVENT.fieldNames()) {
      assertTrue(PropertyMappings.OWN_COLUMNS.contains(column), column);
    }
  }

  /** Each row replaces a part of a valid file; the second column is the message. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "version: 1 | version: 2 | line 1: version: '2' is not valid: this version of the job knows version 1.",
        "version: 1 | versoin: 1 | line 1: versoin: unknown key; the nearest known one is version.",
        "version: 1 |            | line 2: version is missing: version of the form of the file: 1.",
        "version: 1 | version:   | line 1: version: has no value: give one, or leave the key out.",
        "version: 1 | {          | line 3: not YAML: expected ',' or '}', but got :.",
        "version: 1 | version: 1\\nsession: {colums: {}} | line 2: session.colums: unknown key; the nearest known one is columns.",
        "version: 1 | version: 1\\nsession: x | line 2: session: must be a section of keys and values.",
        "version: 1 | version: 1\\ncolumns: {} | line 2: columns: is no key here, but of session.",
        "version: 1 | version: 1\\nsession: {columns: [a]} | line 2: session.columns: must be a section of keys and values.",
        "version: 1 | version: 1\\nsession: {columns: {a: }} | line 2: session.columns.a: has no value: give one, or leave the key out.",
        "version: 1 | version: 1\\nsession: {columns: {_a: 1}} | line 2: session.columns._a: is no name of a column: use letters, digits and _, a letter first.",
        "version: 1 | version: 1\\nsession: {columns: {Is_Open: 1}} | line 2: session.columns.Is_Open: is a name that the job uses itself: use another name.",
        "version: 1 | version: 1\\nsession: {columns: {a: 1, A: 1}} | line 2: session.columns.A: is a in other letters: use another name.",
        "version: 1 | version: 1\\nsession: {include: [wob]} | line 2: session.include[0]: 'wob' is not valid: the sets of columns are web.",
        "version: 1 | version: 1\\nsession: {include: [web, web]} | line 2: session.include[1]: is given twice: leave one out.",
        "version: 1 | version: 1\\nsession: {web: {}} | line 2: session.web: has the settings of the set web: give include: [web] too.",
        "version: 1 | version: 1\\nsession: {include: web, web: {cap: 1}} | line 2: session.web.cap: unknown key; the known ones are views, key_events, own_hosts, active_cap.",
        "version: 1 | version: 1\\nsession: {include: web, web: {active_cap: 90}} | line 2: session.web.active_cap: '90' is not valid: give whole seconds up to a day, such as 90s or 5m.",
        "version: 1 | version: 1\\nsession: {include: web, web: {own_hosts: [a.com/b]}} | line 2: session.web.own_hosts: 'a.com/b' is no name of a host: give one.",
        "version: 1 | version: 1\\nsession: {include: web, web: {own_hosts: [.a.com]}} | line 2: session.web.own_hosts: '.a.com' is no name of a host: give one.",
        "version: 1 | version: 1\\nsession: {include: web, web: {own_hosts: [a.com.]}} | line 2: session.web.own_hosts: 'a.com.' is no name of a host: give one.",
        "version: 1 | version: 1\\nsession: {include: web, web: {own_hosts: [bücher.example]}} | line 2: session.web.own_hosts: 'bücher.example' is not as browsers send it: give the host with xn--.",
        "event:\\n | evnt:\\n | line 8: topics.web.evnt: unknown key; the nearest known one is event.",
        "version: 1 | version: 1\\nplaceholders:\\n  - x | line 23: placeholders: is given twice: leave one out.",
        "version: 1 | version: 1\\npreset: segment | line 2: preset: is no key here, but of a topic.",
        "json-registry\\n | json-registry\\n    uuid: /u\\n | line 5: topics.web.uuid: is no key here, but of event.",
        "version: 1 | version: 1\\nversion: 1 | line 2: version: is given twice: leave one out.",
        "web:       | we b:      | line 4: topics.we b: is no name of a Kafka topic.",
        "records: /batch | preset: segmant | line 6: topics.web.preset: 'segmant' is not valid: the presets are PRESETS.",
        "records: /batch | records: batch | line 6: topics.web.records: 'batch' is not valid: a JSON Pointer is empty or begins with /, and has ~0 for ~ and ~1 for / in a name.",
        "records: /batch | ` ` | line 9: topics.web.event.uuid[1].in: is only for a topic with records: leave it out.",
        "json-registry | xml | line 4: topics.web.format: 'xml' is not valid: give one of json, json-registry, avro.",
        "json-registry | json | line 5: topics.web.registry: is for format json-registry or avro: give one, or leave this out.",
        "json-registry\\n    registry: http://registry:8081 | avro | line 4: topics.web: registry is missing: format avro needs its URL.",
        "records: /batch | schema: a.avsc | line 6: topics.web.schema: is for format avro: give that, or leave this out.",
        "json-registry\\n | avro\\n    schema: no.avsc\\n | line 5: topics.web.schema: 'no.avsc' is not valid: give JSON, or a file beside this one; it cannot be read.",
        "http://registry:8081 | http://me:secret@registry | line 5: topics.web.registry: give http://HOST:PORT or https://HOST:PORT; --kafka-properties has the user and the password.",
        "uuid: [    | uid: [     | line 9: topics.web.event.uid: unknown key; the nearest known one is uuid.",
        "uuid: [/anonymousId, {at: /userId, in: record}] | uuid: [] | line 9: topics.web.event.uuid: is an empty list: give at least one place.",
        "uuid: [/anonymousId, {at: /userId, in: record}] | ` ` | line 4: topics.web: event.uuid is missing: give it, or a preset.",
        "in: record}]  | on: record}] | line 9: topics.web.event.uuid[1].on: unknown key; the nearest known one is in.",
        "in: record}]  | in: batch}] | line 9: topics.web.event.uuid[1].in: 'batch' is not valid: give event or record.",
        "{at: /userId, in: record} | {at: /batch/0, in: record} | line 9: topics.web.event.uuid[1].at: '/batch/0' is not valid: a place in the record must be outside the array /batch.",
        "{at: /userId, in: record} | {in: record} | line 9: topics.web.event.uuid[1]: at is missing: give a JSON Pointer, such as /name.",
        "/context/seq | /~2 | line 12: topics.web.event.order: '/~2' is not valid: a JSON Pointer is empty or begins with /, and has ~0 for ~ and ~1 for / in a name.",
        "/context/seq | [/a, /b] | line 12: topics.web.event.order: must be one text.",
        "created: /created | at: /created | line 11: topics.web.event.event_timestamp: must have either at, or created, sent and received.",
        "created: /created | at: /a, created: /c | line 11: topics.web.event.event_timestamp: must have either at, or created, sent and received.",
        "[iso8601, epoch_s] | rfc3339 | line 11: topics.web.event.event_timestamp.as: 'rfc3339' is not valid: give one of epoch_ms, epoch_s, epoch_us, iso8601.",
        "[iso8601, epoch_s] | [epoch_ms, iso8601, epoch_s] | line 11: topics.web.event.event_timestamp.as[2]: a list has at most one epoch format, since each takes any number: leave one out.",
        "[iso8601, epoch_s] | [iso8601, iso8601] | line 11: topics.web.event.event_timestamp.as[1]: is given twice: leave one out.",
        "event_name: /event | event_name: /event\\n      event_details: /d | line 16: topics.web.event.event_details: gives event_name, event_type and event_value too: leave it, or them, out.",
        "decimal(10, 2) | decimal(39,2) | line 18: topics.web.properties.price.as: 'decimal(39,2)' is not valid: give string, long, double, boolean, timestamp or decimal(p,s) with 1 <= p <= 38 and s <= p.",
        "as: long | as: long, format: iso8601 | line 20: topics.web.properties.plan.format: is only for a timestamp: leave it out.",
        "source: | page_Name: | line 17: topics.web.properties.page_Name: is a column that each event has: use another name.",
        "source: | utm-source: | line 17: topics.web.properties.utm-source: is no name of a column: use letters, digits and _.",
        "source: | Price: | line 3: topics: property price decimal(10,2) in topic web is Price string elsewhere: use one name and type, or another name.",
      })
  void aMistakeIsNamedWithItsPlaceAndTheWayOut(String part, String instead, String message) {
    String given = part.replace("\\n", "\n");
    assertTrue(FULL.contains(given), given);
    String text = FULL.replace(given, instead == null ? "" : instead.replace("\\n", "\n"));
    Failure failure = assertThrows(Failure.class, () -> DefinitionFile.parse("web.yaml", text));
    assertEquals(Failure.Kind.USAGE, failure.kind());
    assertEquals(
        "web.yaml, " + message.replace("PRESETS", String.join(", ", DefinitionFile.PRESETS)),
        failure.getMessage());
  }

  @Test
  void theColumnsOfSessionsAreRead() {
    String topics = "version: 1\ntopics: {clicks: {preset: sessionize}}\n";
    assertEquals(GivenColumns.NONE, columns(topics));
    assertEquals(GivenColumns.NONE, columns(topics + "session: {}"));
    assertEquals(
        new GivenColumns(true, new TreeMap<>(), null), columns(topics + "session: {columns: {}}"));
    assertEquals(
        new GivenColumns(
            true,
            new TreeMap<>(Map.of("pages", "size(pages_visited)", "One", "1")),
            new WebSettings(
                1, new TreeSet<>(), new TreeSet<>(Set.of("purchase")), new TreeSet<>(), 300)),
        columns(topics + "session: {include: web, columns: {pages: size(pages_visited), One: 1}}"));
    assertEquals(
        new WebSettings(
            1,
            new TreeSet<>(Set.of("page")),
            new TreeSet<>(Set.of("a", "b")),
            new TreeSet<>(Set.of("shop.example")),
            90),
        columns(
                topics
                    + "session: {include: [web], web: {views: page, key_events: [a, b], own_hosts: [Shop.example], active_cap: 90s}}")
            .web());
  }

  private static GivenColumns columns(String text) {
    return DefinitionFile.parse("f", text).columns();
  }

  @Test
  void noSessionColumnCanHaveTheNameOfAColumn() {
    for (StructType rows : List.of(KnownRows.KNOWN, OutcomeRows.OUTCOME)) {
      for (String column : rows.fieldNames()) {
        assertTrue(GivenSession.OWN_COLUMNS.contains(column), column);
      }
    }
  }

  @Test
  void aReadersSchemaIsOfTheSameFolderAndNeverShown(@TempDir Path folder) throws IOException {
    Path within = Files.createDirectory(folder.resolve("definitions"));
    Path outside = Files.writeString(folder.resolve("outside"), "secret: 1");
    Files.writeString(within.resolve("text"), "secret: 1");
    Files.createSymbolicLink(within.resolve("link"), outside);
    for (String schema : List.of("../outside", outside.toString(), "link", ".", "text")) {
      Path file = within.resolve("web.yaml");
      Files.writeString(
          file,
          "version: 1\ntopics:\n  web: {preset: sessionize, format: avro, registry: http://r, schema: "
              + schema
              + "}\n");
      Failure failure = assertThrows(Failure.class, () -> DefinitionFile.read(file), schema);
      assertEquals(Failure.Kind.USAGE, failure.kind());
      assertFalse(failure.getMessage().contains("secret"), failure.getMessage());
    }
  }

  @Test
  void onlyARegularFileOfSomeMegabytesIsRead(@TempDir Path folder) throws IOException {
    Path large = Files.writeString(folder.resolve("large"), "#".repeat((4 << 20) + 1));
    for (Path file : List.of(folder, Path.of("/dev/null"), large)) {
      Failure failure = assertThrows(Failure.class, () -> DefinitionFile.read(file));
      assertEquals(Failure.Kind.USAGE, failure.kind());
      assertTrue(
          failure.getMessage().matches(".* (is no regular file|is larger than 4 MB): .*"),
          failure.getMessage());
    }
  }

  @Test
  void aReadersSchemaIsInTheFileOrBesideIt(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("click.avsc"), "{ \"type\": \"record\" }\n");
    String text =
        """
        version: 1
        topics:
          web:
            format: avro
            registry: http://one:8081,http://two:8081
            schema: %s
            event: {uuid: /u, event_timestamp: /t}
        """;
    Path file = folder.resolve("web.yaml");
    for (String schema : List.of("click.avsc", "'{\"type\": \"record\"}'")) {
      Files.writeString(file, text.formatted(schema));
      TopicDefinition topic = DefinitionFile.read(file).definition().topics().get("web");
      assertEquals("{\"type\":\"record\"}", topic.schema());
    }
  }

  @Test
  void aPropertyHasOneTypeInAllTopics() {
    String topic = "{event: {uuid: /u, event_timestamp: /t}, properties: {p: {at: /p, as: %s}}}";
    Failure failure =
        assertThrows(
            Failure.class,
            () ->
                DefinitionFile.parse(
                    "f",
                    "version: 1\ntopics:\n  a: %s\n  b: %s"
                        .formatted(topic.formatted("long"), topic.formatted("double"))));
    assertTrue(failure.getMessage().contains("property p double in topic b is p long"));
  }

  @Test
  void neitherAliasesNorDepthExhaustMemory() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x]\n");
    for (int i = 1; i < 60; i++) {
      bomb.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
    }
    for (String text : List.of(bomb.toString(), "[".repeat(100_000), "? ".repeat(100_000))) {
      Failure failure = assertThrows(Failure.class, () -> DefinitionFile.parse("f", text));
      assertTrue(failure.getMessage().length() < 300, failure.getMessage());
      assertEquals(1, failure.getMessage().lines().count());
    }
    assertThrows(Failure.class, () -> DefinitionFile.parse("f", "version: &v [*v]\ntopics: *v"));
  }

  @Test
  void noObjectIsConstructed() {
    assertThrows(
        Failure.class,
        () -> DefinitionFile.parse("f", "!!javax.script.ScriptEngineManager [!!java.net.URL [x]]"));
  }

  @Test
  void aFileThatCannotBeReadIsNamed(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("d.yaml");
    String missing = assertThrows(Failure.class, () -> DefinitionFile.read(file)).getMessage();
    assertTrue(missing.contains(file.toString()), missing);
    Files.write(file, "version: é".getBytes(StandardCharsets.ISO_8859_1));
    assertEquals(
        file + " is not UTF-8: save it as UTF-8.",
        assertThrows(Failure.class, () -> DefinitionFile.read(file)).getMessage());
    Files.writeString(file, "");
    assertTrue(
        assertThrows(Failure.class, () -> DefinitionFile.read(file))
            .getMessage()
            .contains("is empty"));
  }
}
