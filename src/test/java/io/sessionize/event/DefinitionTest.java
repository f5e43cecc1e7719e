package io.sessionize.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sessionize.Failure;
import io.sessionize.event.TopicDefinition.Format;
import io.sessionize.event.TopicDefinition.Place;
import io.sessionize.session.Property;
import io.sessionize.session.PropertyType;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DefinitionTest {
  @Test
  void itsTextIsReadBackAsTheSameDefinition() {
    Definition definition = withPrice("decimal(10,2)");
    assertEquals(definition, Definition.parse(definition.text()));
    assertEquals(definition.hash(), Definition.parse(definition.text()).hash());
    assertEquals(
        List.of(new Property("price", PropertyType.decimal(10, 2))), definition.properties());
  }

  @Test
  void otherTextsHaveOtherHashes() {
    assertNotEquals(withPrice("decimal(10,2)").hash(), withPrice("double").hash());
    assertNotEquals(
        Definition.builtIn("clicks").hash(), Definition.builtIn("clicks").ofTopic("taps").hash());
  }

  @Test
  void aTextOfAnotherVersionIsRefused() {
    Failure refused =
        assertThrows(
            Failure.class, () -> Definition.parse("{\"version\":1,\"topics\":{},\"news\":1}"));
    assertEquals(Failure.Kind.USAGE, refused.kind());
  }

  @Test
  void aTextOfALaterFormIsRefused() {
    String text = withPrice("long").text().replace("\"version\":1", "\"version\":2");
    Failure refused = assertThrows(Failure.class, () -> Definition.parse(text));
    assertEquals(Failure.Kind.USAGE, refused.kind());
  }

  @ParameterizedTest
  @ValueSource(strings = {"event", "uuid", "time"})
  void aTextWithoutAMappingIsBroken(String key) {
    ObjectNode json = read(withPrice("long").text());
    ObjectNode topic = (ObjectNode) json.at("/topics/clicks");
    (key.equals("event") ? topic : (ObjectNode) topic.get("event")).putNull(key);
    Failure broken = assertThrows(Failure.class, () -> Definition.parse(json.toString()));
    assertEquals(Failure.Kind.BROKEN, broken.kind());
  }

  private static ObjectNode read(String text) {
    try {
      return (ObjectNode) new ObjectMapper().readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Definition withPrice(String type) {
    Definition builtIn = Definition.builtIn("clicks");
    TopicDefinition topic = builtIn.topics().get("clicks");
    TreeMap<String, PropertyMapping> properties = new TreeMap<>();
    properties.put(
        "price", new PropertyMapping(new Place("/price", false), PropertyType.parse(type), null));
    TreeMap<String, TopicDefinition> topics = new TreeMap<>();
    topics.put(
        "clicks",
        new TopicDefinition(
            Format.AVRO, "http://registry", null, null, topic.event(), properties, "\"string\""));
    return new Definition(1, topics, builtIn.placeholders());
  }
}
