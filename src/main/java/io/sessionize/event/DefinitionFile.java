package io.sessionize.event;

import static io.sessionize.event.DefinitionKey.*;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sessionize.Failure;
import io.sessionize.event.DefinitionKey.Section;
import io.sessionize.event.TopicDefinition.Format;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Reads a definition from a YAML file: {@link DefinitionKey} lists its keys. Presets are filled in.
 * {@code where} is taken as it is.
 *
 * <p>A preset gives each key of a topic, key of its {@code event}, and property that the file does
 * not give. A file that gives {@code event_details} gets no {@code event_name}, {@code event_type}
 * and {@code event_value} from the preset, and the other way round.
 */
public final class DefinitionFile {
  /** The preset of the original's records, which holds where no definition is given. */
  public static final String BUILT_IN = "sessionize";

  /** The bundled presets: resources {@code definitions/NAME.yaml}. */
  public static final List<String> PRESETS =
      List.of(BUILT_IN, "segment", "rudderstack", "snowplow", "posthog", "cloudevents");

  /** The placeholders of a file that gives none. */
  public static final SortedSet<String> PLACEHOLDER_IDS =
      new TreeSet<>(Set.of("null", "undefined", "00000000-0000-0000-0000-000000000000"));

  private static final int VERSION_1 = 1;
  private static final long LARGEST_FILE = 4 << 20;
  private static final long LARGEST_SCHEMA = 1 << 20;
  private static final Pattern TOPIC_NAME = Pattern.compile("(?!\\.{1,2}$)[A-Za-z0-9._-]{1,249}");
  private static final Pattern REGISTRY_URL = Pattern.compile("https?://[^\\s@?#]+");
  private static final Set<DefinitionKey> DETAILS = Set.of(EVENT_NAME, EVENT_TYPE, EVENT_VALUE);

  private DefinitionFile() {}

  /**
   * Reads a file.
   *
   * @throws Failure of usage, if it cannot be read or is no valid definition
   */
  public static DefinitionContent read(Path file) {
    try {
      // A pipe can be read once only: the next run could not read it again.
      if (Files.exists(file) && !Files.isRegularFile(file)) {
        throw Failure.usage("%s is no regular file: give the name of a file.", file);
      }
      if (Files.size(file) > LARGEST_FILE) {
        throw Failure.usage("%s is larger than 4 MB: check --definition.", file);
      }
      return parse(file.toString(), Files.readString(file));
    } catch (CharacterCodingException e) {
      throw Failure.usage("%s is not UTF-8: save it as UTF-8.", file);
    } catch (NoSuchFileException e) {
      throw Failure.usage("Cannot read --definition '%s': there is no such file.", file);
    } catch (AccessDeniedException e) {
      throw Failure.usage("Cannot read --definition '%s': permission denied.", file);
    } catch (IOException e) {
      throw Failure.usage("Cannot read --definition '%s': %s.", file, e.getMessage());
    }
  }

  /**
   * Parses the text of a file.
   *
   * @param name of the file, for messages
   * @throws Failure of usage, if it is no valid definition
   */
  public static DefinitionContent parse(String name, String text) {
    DefinitionNode root = DefinitionNode.parse(name, text);
    Map<DefinitionKey, DefinitionNode> keys = root.keys(Section.FILE);
    checkRequired(root, keys);
    DefinitionNode version = keys.get(VERSION);
    if (!version.text().equals("" + VERSION_1)) {
      throw version.badValue("this version of the job knows version " + VERSION_1);
    }
    SortedMap<String, TopicDefinition> topics = new TreeMap<>();
    boolean allBuiltIn = true;
    for (var topic : keys.get(TOPICS).entries().entrySet()) {
      if (!TOPIC_NAME.matcher(topic.getKey()).matches()) {
        throw topic.getValue().failure("is no name of a Kafka topic");
      }
      TopicSection section = TopicSection.of(topic.getValue());
      allBuiltIn &= BUILT_IN.equals(section.preset());
      topics.put(topic.getKey(), definition(section));
    }
    if (topics.isEmpty()) {
      throw keys.get(TOPICS).failure("has no topic: give one or more");
    }
    PropertyMappings.checkSameTypes(keys.get(TOPICS), topics);
    SortedSet<String> placeholders = new TreeSet<>();
    if (keys.containsKey(PLACEHOLDERS)) {
      keys.get(PLACEHOLDERS).elements().forEach(node -> placeholders.add(node.text()));
    } else if (!allBuiltIn) {
      placeholders.addAll(PLACEHOLDER_IDS);
    }
    Definition definition = new Definition(VERSION_1, topics, placeholders);
    return new DefinitionContent(
        definition,
        GivenSession.columns(keys.get(SESSION)),
        GivenSession.rules(keys.get(SESSION), definition));
  }

  /** The mapping of a bundled preset. */
  public static TopicDefinition preset(String name) {
    return definition(TopicSection.ofPreset(name));
  }

  private static TopicDefinition definition(TopicSection section) {
    Map<DefinitionKey, DefinitionNode> keys = section.keys();
    Format format = Places.oneOf(keys.get(FORMAT), Format.values(), Format::text, Format.JSON);
    DefinitionNode registry = keys.get(REGISTRY);
    if (registry == null && format == Format.AVRO) {
      throw section.node().failure("registry is missing: format avro needs its URL");
    }
    if (keys.containsKey(SCHEMA) && format != Format.AVRO) {
      throw keys.get(SCHEMA).failure("is for format avro: give that, or leave this out");
    }
    if (registry != null && format == Format.JSON) {
      throw registry.failure("is for format json-registry or avro: give one, or leave this out");
    }
    if (registry != null && !REGISTRY_URL.matcher(registry.text()).matches()) {
      // The value is not shown: it may have a password.
      throw registry.failure(
          "give http://HOST:PORT or https://HOST:PORT; --kafka-properties has the user and the"
              + " password");
    }
    String records = keys.containsKey(RECORDS) ? Places.pointer(keys.get(RECORDS)) : null;
    Places places = new Places(records);
    return new TopicDefinition(
        format,
        registry == null ? null : registry.text(),
        records,
        keys.containsKey(WHERE) ? keys.get(WHERE).text() : null,
        places.event(section.event()),
        PropertyMappings.of(section.properties(), places),
        keys.containsKey(SCHEMA) ? schema(keys.get(SCHEMA)) : null);
  }

  /** The JSON in one line: white space does not make another definition. */
  private static String schema(DefinitionNode node) {
    String text = node.text().strip();
    boolean isInline = text.startsWith("{");
    try {
      return new ObjectMapper().readTree(isInline ? text : beside(node, text)).toString();
    } catch (JsonProcessingException e) {
      // Neither the value nor the parser's text is shown: it may be of another file.
      throw node.failure(
          "%s is not JSON (line %d): give the JSON of an Avro schema",
          isInline ? "it" : text, e.getLocation() == null ? 1 : e.getLocation().getLineNr());
    } catch (IOException | InvalidPathException e) {
      throw node.badValue("give JSON, or a file beside this one; it cannot be read");
    }
  }

  /** Reads a file in the folder of the definition. A definition may be somebody else's. */
  private static String beside(DefinitionNode node, String name) throws IOException {
    Path definition = Path.of(node.file()).toAbsolutePath();
    Path file = definition.resolveSibling(name).toRealPath();
    if (Path.of(name).isAbsolute() || !file.startsWith(definition.getParent().toRealPath())) {
      throw node.badValue("the file must be in the folder of the definition");
    }
    if (!Files.isRegularFile(file) || Files.size(file) > LARGEST_SCHEMA) {
      throw node.badValue("the file must be a regular file of at most 1 MB");
    }
    return Files.readString(file);
  }

  private static void checkRequired(
      DefinitionNode section, Map<DefinitionKey, DefinitionNode> keys) {
    for (DefinitionKey key : Section.FILE.keys()) {
      if (key.required() && !keys.containsKey(key)) {
        throw section.failure("%s is missing: %s", key.text(), key.description());
      }
    }
  }

  /** The nodes of a topic, with those of its preset. */
  private record TopicSection(
      DefinitionNode node,
      String preset,
      Map<DefinitionKey, DefinitionNode> keys,
      Map<DefinitionKey, DefinitionNode> event,
      Map<String, DefinitionNode> properties) {

    static TopicSection of(DefinitionNode node) {
      TopicSection section = withoutPreset(node);
      String name = section.preset();
      if (name != null && !PRESETS.contains(name)) {
        throw section.keys().get(PRESET).badValue("the presets are " + String.join(", ", PRESETS));
      }
      if (name != null) {
        section.add(ofPreset(name));
      }
      for (DefinitionKey key : Section.EVENT.keys()) {
        if (key.required() && !section.event().containsKey(key)) {
          throw node.failure("event.%s is missing: give it, or a preset", key.text());
        }
      }
      if (section.event().containsKey(EVENT_DETAILS)
          && DETAILS.stream().anyMatch(section.event()::containsKey)) {
        throw section
            .event()
            .get(EVENT_DETAILS)
            .failure("gives event_name, event_type and event_value too: leave it, or them, out");
      }
      return section;
    }

    static TopicSection ofPreset(String name) {
      String resource = "/definitions/" + name + ".yaml";
      try (InputStream stream = DefinitionFile.class.getResourceAsStream(resource)) {
        String text = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        return withoutPreset(DefinitionNode.parse("preset " + name, text));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static TopicSection withoutPreset(DefinitionNode node) {
      Map<DefinitionKey, DefinitionNode> keys = node.keys(Section.TOPIC);
      return new TopicSection(
          node,
          keys.containsKey(PRESET) ? keys.get(PRESET).text() : null,
          keys,
          keys.containsKey(DefinitionKey.EVENT)
              ? keys.get(DefinitionKey.EVENT).keys(Section.EVENT)
              : new EnumMap<>(DefinitionKey.class),
          keys.containsKey(PROPERTIES) ? keys.get(PROPERTIES).entries() : new HashMap<>());
    }

    private void add(TopicSection preset) {
      boolean hasDetails = event.containsKey(EVENT_DETAILS);
      boolean hasPartsOfDetails = DETAILS.stream().anyMatch(event::containsKey);
      preset.keys().forEach(keys::putIfAbsent);
      preset
          .event()
          .forEach(
              (key, value) -> {
                boolean replaced =
                    hasDetails && DETAILS.contains(key)
                        || hasPartsOfDetails && key == EVENT_DETAILS;
                if (!replaced) {
                  event.putIfAbsent(key, value);
                }
              });
      preset.properties().forEach(properties::putIfAbsent);
    }
  }
}
