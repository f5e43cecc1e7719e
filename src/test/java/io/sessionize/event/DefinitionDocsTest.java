package io.sessionize.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.sessionize.Failure;
import io.sessionize.event.Decoded.Reason;
import io.sessionize.event.DefinitionKey.Section;
import io.sessionize.event.DefinitionKey.Type;
import io.sessionize.event.TopicDefinition.Format;
import io.sessionize.event.TopicDefinition.TimeFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.yaml.snakeyaml.Yaml;

/**
 * The keys and the presets in {@code docs/events.md}, and the JSON Schema of a definition file, are
 * those of the program, and the document explains each reason of a rejection. {@code ./mvnw
 * -Dtest=DefinitionDocsTest -DwriteTables=true test} writes them.
 */
class DefinitionDocsTest {
  private static final Path DOCUMENT = Path.of("docs/events.md");
  private static final Path SCHEMA = Path.of("docs/definition.schema.json");
  private static final Path DEMO = Path.of("scripts/demo/shop.yaml");
  private static final String POINTER = "^(/([^~/]|~[01])*)*$";
  private static final Pattern YAML =
      Pattern.compile("^```yaml\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  static List<String> presets() {
    return DefinitionFile.PRESETS;
  }

  @Test
  void theDocumentHasEachKey() throws IOException {
    StringBuilder tables = new StringBuilder("\n");
    for (Section section : Section.values()) {
      tables.append(title(section)).append("\n\n| key | value | meaning |\n|---|---|---|\n");
      for (DefinitionKey key : section.keys()) {
        tables.append(
            String.format(
                "| `%s`%s | %s | %s |%n",
                key.text(),
                key.required() ? ", required" : "",
                key.type().text(),
                key.description().replace("|", "\\|")));
      }
      tables.append("\n");
    }
    compare("keys", tables.toString());
  }

  private static String title(Section section) {
    return switch (section) {
      case FILE -> "The file:";
      case TOPIC -> "A topic, and a preset:";
      case EVENT -> "`event`. A preset gives the required keys too:";
      case PLACE -> "A place that is more than a pointer:";
      case TIME -> "`event_timestamp`, if it is more than a pointer:";
      case PROPERTY -> "A property that is more than a pointer:";
      case SESSION -> "`session`:";
      case WEB -> "`session.web`, for the set `web`:";
      case RULES -> "`session.rules`, see [rules.md](rules.md):";
    };
  }

  @ParameterizedTest
  @MethodSource("presets")
  void theDocumentHasEachPreset(String name) throws IOException {
    String text = Files.readString(Path.of("src/main/resources/definitions", name + ".yaml"));
    compare("preset:" + name, "\n```yaml\n" + text + "```\n\n");
  }

  @ParameterizedTest
  @MethodSource("presets")
  void aPresetMeansWhatTheDocumentShows(String name) throws IOException {
    String shown = between("preset:" + name).replaceAll("```(yaml)?\n", "").indent(4);
    String head = "version: 1\nplaceholders: []\ntopics:\n  clicks:\n";
    assertEquals(
        DefinitionFile.parse("f", head + "    preset: " + name + "\n").definition().text(),
        DefinitionFile.parse("f", head + shown).definition().text());
  }

  @Test
  void theSchemaHasEachKey() throws IOException {
    String schema = JSON.writeValueAsString(schema()) + "\n";
    if (Boolean.getBoolean("writeTables")) {
      Files.writeString(SCHEMA, schema);
    } else {
      assertEquals(schema, Files.readString(SCHEMA));
    }
  }

  static Stream<String> definitions() throws IOException {
    Stream<String> shown =
        YAML.matcher(Files.readString(DOCUMENT))
            .results()
            .map(found -> found.group(1))
            .filter(text -> text.startsWith("version:"));
    return Stream.concat(shown, Stream.of(Files.readString(DEMO)));
  }

  @ParameterizedTest
  @MethodSource("definitions")
  void theDefinitionsOfTheDocumentAndOfTheDemoAreValid(String text) {
    DefinitionFile.parse("f", text);
    assertEquals("[]", errors(text));
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void theSchemaRefusesWhatTheProgramRefuses(String text) {
    assertThrows(Failure.class, () -> DefinitionFile.parse("f", text), text);
    assertTrue(!errors(text).equals("[]"), text);
  }

  static Stream<String> wrong() {
    String event = "event: {uuid: /u, event_timestamp: /t}";
    return Stream.of(
        "{}",
        "{version: 2, topics: {t: {" + event + "}}}",
        "{version: 1, topics: {}}",
        "{version: 1, topics: {t: {}}}",
        "{version: 1, topics: {t: {event: {uuid: /u}}}}",
        "{version: 1, topics: {t: {preset: nothing}}}",
        "{version: 1, topics: {t: {filter: x, " + event + "}}}",
        "{version: 1, topics: {t: {format: xml, " + event + "}}}",
        "{version: 1, topics: {t: {" + event + ", properties: {p: p}}}}",
        "{version: 1, topics: {t: {" + event + ", properties: {p: {at: /p, as: text}}}}}",
        "{version: 1, topics: {t: {event: {uuid: [], event_timestamp: /t}}}}",
        "{version: 1, topics: {t: {" + event + "}}, session: {sets: []}}",
        "{version: 1, topics: {t: {" + event + "}}, session: {rules: {max_events: 0}}}",
        "{version: 1, topics: {t: {" + event + "}}, session: {rules: {preset: adobe}}}",
        "{version: 1, topics: {t: {" + event + "}}, session: {rules: {timeout: 30m}}}",
        "{version: 1, topics: {t: {" + event + "}}, session: {include: [other]}}",
        "{version: 1, topics: {t: {" + event + "}}, session: {columns: {a-b: '1'}}}",
        "{version: 1, topics: {t: {" + event + "}}, session: {columns: {a: [1]}}}",
        "{version: 1, topics: {t: {event: {uuid: /u, event_timestamp: {as: epoch_s}}}}}");
  }

  @ParameterizedTest
  @EnumSource(Reason.class)
  void theDocumentExplainsEachReasonOfARejection(Reason reason) throws IOException {
    assertTrue(Files.readString(DOCUMENT).contains("\n| `" + reason.text() + "` |"), reason.text());
  }

  private static String errors(String yaml) {
    try {
      JsonNode tree = JSON.valueToTree(new Yaml().<Object>load(yaml));
      return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
          .getSchema(Files.readString(SCHEMA))
          .validate(tree)
          .toString();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ObjectNode schema() {
    ObjectNode schema = JSON.createObjectNode();
    schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    schema.put("title", "Definition of Sessionize: how records become events");
    keys(Section.FILE, schema);
    ObjectNode parts = schema.putObject("$defs");
    for (Section section : Section.values()) {
      if (section != Section.FILE) {
        keys(section, parts.putObject(name(section)));
      }
    }
    ObjectNode topic = (ObjectNode) parts.get(name(Section.TOPIC));
    topic.putObject("if").putArray("required").add(DefinitionKey.PRESET.text());
    ObjectNode otherwise = topic.putObject("else");
    otherwise.putArray("required").add(DefinitionKey.EVENT.text());
    required(
        Section.EVENT, otherwise.putObject("properties").putObject(DefinitionKey.EVENT.text()));
    ArrayNode times = ((ObjectNode) parts.get(name(Section.TIME))).putArray("oneOf");
    times.addObject().putArray("required").add(DefinitionKey.TIME_AT.text());
    times
        .addObject()
        .putArray("required")
        .add(DefinitionKey.TIME_CREATED.text())
        .add(DefinitionKey.TIME_SENT.text())
        .add(DefinitionKey.TIME_RECEIVED.text());
    return schema;
  }

  private static String name(Section section) {
    return section.name().toLowerCase(Locale.ROOT);
  }

  private static void keys(Section section, ObjectNode schema) {
    schema.put("type", "object");
    schema.put("additionalProperties", false);
    if (section != Section.EVENT) {
      required(section, schema);
    }
    ObjectNode properties = schema.putObject("properties");
    for (DefinitionKey key : section.keys()) {
      ObjectNode value = properties.putObject(key.text());
      value.put("description", key.description().replace("`", ""));
      type(key.type(), value);
    }
  }

  private static void required(Section section, ObjectNode schema) {
    List<DefinitionKey> keys = section.keys().stream().filter(DefinitionKey::required).toList();
    if (!keys.isEmpty()) {
      ArrayNode required = schema.putArray("required");
      keys.forEach(key -> required.add(key.text()));
    }
  }

  private static void type(Type type, ObjectNode value) {
    switch (type) {
      case VERSION -> value.put("const", 1);
      case TOPICS -> {
        value.put("type", "object").put("minProperties", 1);
        value.putObject("propertyNames").put("pattern", "^[A-Za-z0-9._-]{1,249}$");
        reference(Section.TOPIC, value.putObject("additionalProperties"));
      }
      // YAML reads null, true and 0 as other than texts.
      case TEXTS ->
          value
              .put("type", "array")
              .putObject("items")
              .putArray("type")
              .add("string")
              .add("null")
              .add("boolean")
              .add("number");
      case FORMAT -> oneOf(value, Format.values(), Format::text);
      case URL -> value.put("type", "string").put("pattern", "^https?://");
      case PRESET -> {
        ArrayNode names = value.putArray("enum");
        DefinitionFile.PRESETS.forEach(names::add);
      }
      case POINTER -> pointer(value);
      case SESSION -> reference(Section.SESSION, value);
      case COLUMNS -> {
        value.put("type", "object");
        value.putObject("propertyNames").put("pattern", "^[A-Za-z][A-Za-z0-9_]{0,254}$");
        value
            .putObject("additionalProperties")
            .putArray("type")
            .add("string")
            .add("boolean")
            .add("number");
      }
      case COLUMN_SETS ->
          orList(
              value,
              set -> {
                ArrayNode names = set.putArray("enum");
                GivenSession.SETS.forEach(names::add);
              });
      case WEB -> reference(Section.WEB, value);
      case RULES -> reference(Section.RULES, value);
      case RULE_PRESET -> {
        ArrayNode names = value.putArray("enum");
        RulesSection.PRESETS.forEach(names::add);
      }
      case TEXT -> value.put("type", "string");
      // An empty text gives no number.
      case NUMBER -> {
        ArrayNode either = value.putArray("anyOf");
        either.addObject().put("type", "integer").put("minimum", 1);
        either.addObject().put("const", "");
      }
      case DURATION -> value.put("type", "string");
      case SQL, SCHEMA -> value.put("type", "string");
      case EVENT -> reference(Section.EVENT, value);
      case PROPERTIES -> {
        value.put("type", "object");
        value.putObject("propertyNames").put("pattern", "^[A-Za-z_][A-Za-z0-9_]{0,254}$");
        pointerOr(Section.PROPERTY, value.putObject("additionalProperties"));
      }
      case PLACE -> pointerOr(Section.PLACE, value);
      case PLACES -> orList(value, place -> pointerOr(Section.PLACE, place));
      case TIME -> pointerOr(Section.TIME, value);
      case IN -> value.putArray("enum").add("event").add("record");
      case TIME_FORMATS ->
          orList(value, format -> oneOf(format, TimeFormat.values(), TimeFormat::text));
      case PROPERTY_TYPE ->
          value
              .put("type", "string")
              .put(
                  "pattern",
                  "^(string|long|double|boolean|timestamp|decimal\\( *[0-9]{1,2} *, *[0-9]{1,2} *\\))$");
    }
  }

  private interface Part {
    void write(ObjectNode value);
  }

  private static void orList(ObjectNode value, Part part) {
    ArrayNode either = value.putArray("anyOf");
    part.write(either.addObject());
    part.write(either.addObject().put("type", "array").put("minItems", 1).putObject("items"));
  }

  private static void pointerOr(Section section, ObjectNode value) {
    ArrayNode either = value.putArray("anyOf");
    pointer(either.addObject());
    reference(section, either.addObject());
  }

  private static void pointer(ObjectNode value) {
    value.put("type", "string").put("pattern", POINTER);
  }

  private static void reference(Section section, ObjectNode value) {
    value.put("$ref", "#/$defs/" + name(section));
  }

  private static <T> void oneOf(ObjectNode value, T[] values, Function<T, String> text) {
    ArrayNode texts = value.putArray("enum");
    Arrays.stream(values).map(text).forEach(texts::add);
  }

  /** Compares a part of the document with what it should be, or writes it. */
  private static void compare(String name, String expected) throws IOException {
    if (Boolean.getBoolean("writeTables")) {
      String document = Files.readString(DOCUMENT);
      String part = between(name);
      int start =
          document.indexOf("<!-- " + name + " -->\n") + ("<!-- " + name + " -->\n").length();
      Files.writeString(
          DOCUMENT,
          document.substring(0, start) + expected + document.substring(start + part.length()));
    } else {
      assertEquals(expected, between(name));
    }
  }

  /** Returns the text between two marks of the document. */
  private static String between(String name) throws IOException {
    String document = Files.readString(DOCUMENT);
    String start = "<!-- " + name + " -->\n";
    int begin = document.indexOf(start);
    assertTrue(begin >= 0, () -> DOCUMENT + " has no " + start);
    begin += start.length();
    return document.substring(begin, document.indexOf("<!-- /" + name + " -->", begin));
  }
}
