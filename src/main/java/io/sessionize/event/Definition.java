package io.sessionize.event;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import io.sessionize.Failure;
import io.sessionize.session.Property;
import io.sessionize.session.PropertyType;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The rules by which records become events, expanded: presets are filled in, so that it means the
 * same in each version of the job. The tables record its text.
 *
 * @param version of the form of this text
 * @param topics by name
 * @param placeholders texts that are no user id
 */
public record Definition(
    int version, SortedMap<String, TopicDefinition> topics, SortedSet<String> placeholders)
    implements Serializable {

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .addModule(
              new SimpleModule()
                  .addSerializer(PropertyType.class, new ToTextSerializer())
                  .addDeserializer(PropertyType.class, new OfTextDeserializer()))
          .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .serializationInclusion(JsonInclude.Include.NON_NULL)
          .build();

  public Definition {
    topics = new TreeMap<>(topics);
    placeholders = new TreeSet<>(placeholders);
  }

  /** The definition that holds where none is given and none is recorded. */
  public static Definition builtIn(String topic) {
    return builtIn(Set.of(topic));
  }

  /** The same mapping for each of these topics. */
  public static Definition builtIn(Set<String> names) {
    TopicDefinition mapping = DefinitionFile.preset(DefinitionFile.BUILT_IN);
    SortedMap<String, TopicDefinition> topics = new TreeMap<>();
    names.forEach(name -> topics.put(name, mapping));
    return new Definition(1, topics, new TreeSet<>());
  }

  /**
   * The definition for the topics that the tables read. They may have been bound to another topic
   * than the only one of the definition: then it is the definition of that topic.
   */
  public Definition boundTo(Set<String> read) {
    return topics.size() == 1 && read.size() == 1 ? ofTopic(read.iterator().next()) : this;
  }

  /** The same definition for its only topic under another name. */
  public Definition ofTopic(String name) {
    if (topics.size() != 1) {
      throw new IllegalStateException("topics " + topics.keySet());
    }
    SortedMap<String, TopicDefinition> renamed = new TreeMap<>();
    renamed.put(name, topics.get(topics.firstKey()));
    return new Definition(version, renamed, placeholders);
  }

  /** The properties of all topics by name. A name has the same type in each topic. */
  @JsonIgnore
  public List<Property> properties() {
    SortedMap<String, PropertyType> types = new TreeMap<>();
    topics
        .values()
        .forEach(
            topic ->
                topic.properties().forEach((name, mapping) -> types.put(name, mapping.type())));
    List<Property> properties = new ArrayList<>();
    types.forEach((name, type) -> properties.add(new Property(name, type)));
    return properties;
  }

  /** The definition in one line of JSON. Equal texts mean equal definitions. */
  public String text() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Parses the {@link #text} of a definition.
   *
   * @throws Failure of usage, if this version does not know its form; broken, if it is damaged
   */
  public static Definition parse(String text) {
    Definition definition;
    try {
      definition = JSON.readValue(text, Definition.class);
    } catch (JsonProcessingException e) {
      throw Failure.usage(
          "The definition recorded with the tables is not known to this version (%s): upgrade the job.",
          e.getOriginalMessage());
    }
    if (definition == null || !definition.isComplete()) {
      throw Failure.broken(
          "The definition recorded with the tables is damaged: restore the properties of the tables.");
    }
    if (definition.version > 1) {
      throw Failure.usage(
          "The definition recorded with the tables has version %d, and this version of the job knows"
              + " 1: upgrade the job.",
          definition.version);
    }
    return definition;
  }

  private boolean isComplete() {
    return topics.values().stream()
        .allMatch(
            topic ->
                topic != null
                    && topic.format() != null
                    && topic.event() != null
                    && topic.event().uuid() != null
                    && topic.event().time() != null);
  }

  /** The SHA-256 of the text, in hexadecimal digits. */
  public String hash() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(text().getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static final class ToTextSerializer extends JsonSerializer<PropertyType> {
    @Override
    public void serialize(PropertyType type, JsonGenerator json, SerializerProvider provider)
        throws IOException {
      json.writeString(type.text());
    }
  }

  private static final class OfTextDeserializer extends JsonDeserializer<PropertyType> {
    @Override
    public PropertyType deserialize(JsonParser json, DeserializationContext context)
        throws IOException {
      try {
        return PropertyType.parse(json.getText());
      } catch (IllegalArgumentException e) {
        throw new JsonParseException(json, "no type of a property: " + json.getText(), e);
      }
    }
  }
}
