package io.sessionize.spark.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.event.Decoded.Valid;
import io.sessionize.event.Definition;
import io.sessionize.event.PropertyMapping;
import io.sessionize.event.TopicDefinition;
import io.sessionize.event.TopicDefinition.Place;
import io.sessionize.session.Event;
import io.sessionize.session.EventDetails;
import io.sessionize.session.Properties;
import io.sessionize.session.Property;
import io.sessionize.session.PropertyType;
import io.sessionize.testing.TestSpark;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventConditionTest {
  private static final List<Property> PROPERTIES =
      List.of(
          new Property("campaign", PropertyType.STRING),
          new Property("price", PropertyType.DOUBLE));
  private static final Event EVENT =
      new Event(
          1_772_452_800_000L,
          7L,
          "e1",
          1,
          "home",
          null,
          new EventDetails("buy", "track", "5"),
          Properties.of(PROPERTIES, new Object[] {null, 49.9}));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "event_name = 'buy' AND event_type = 'track' AND event_value = '5' | true",
        "uuid = 'ann' AND event_id = 'e1' AND page_name = 'home' AND `order` = 7 | true",
        "event_time_ms > 1772452800000 | false",
        "price > 40 AND campaign IS NULL AND booking_details IS NULL | true",
        "campaign = 'spring' | false",
        "event_timestamp = TIMESTAMP '2026-03-02 12:00:00' | true"
      })
  void theColumnsAreThoseOfAnEventAndNullIsFalse(String where, boolean holds) {
    assertEquals(holds, filter(where).compile().keep("clicks", new Valid("ann", EVENT, 0)));
  }

  @Test
  void anEventOnWhichItFailsIsNotKeptAndIsCounted() {
    EventFilter.Conditions conditions =
        filter("element_at(array(1), CAST(`order` - 7 AS INT)) = 1").compile();
    assertFalse(conditions.keep("clicks", new Valid("ann", EVENT, 0)));
    assertEquals(1, conditions.failed());
    assertTrue(conditions.keep("taps", new Valid("ann", EVENT, 0)));
  }

  @Test
  void aTextThatIsTooDeepForARegularExpressionStopsNothing() {
    EventFilter.Conditions conditions = filter("page_name RLIKE '^(a|b)*$'").compile();
    Event deep = new Event(EVENT.timeMs(), "e2", "a".repeat(200_000), null, null);
    assertFalse(conditions.keep("clicks", new Valid("ann", deep, 0)));
    assertEquals(1, conditions.failed());
  }

  @Test
  void aConstantThatFailsIsRefused() {
    assertThrows(Failure.class, () -> filter("element_at(array(1), 0) = 1"));
  }

  @Test
  void aConditionIsTrueOrFalse() {
    Failure failure = assertThrows(Failure.class, () -> filter("price + 1"));
    assertEquals(Failure.Kind.USAGE, failure.kind());
    assertTrue(
        failure.getMessage().contains("where of topic clicks must be true or false"),
        failure.getMessage());
  }

  private static EventFilter filter(String where) {
    Definition plain = Definition.builtIn("clicks");
    TopicDefinition mapping = plain.topics().get("clicks");
    TreeMap<String, PropertyMapping> properties = new TreeMap<>();
    PROPERTIES.forEach(
        property ->
            properties.put(
                property.name(),
                new PropertyMapping(new Place("/x", false), property.type(), null)));
    TopicDefinition topic =
        new TopicDefinition(mapping.format(), null, null, where, mapping.event(), properties, null);
    return EventFilter.of(
        TestSpark.session(),
        new Definition(1, new TreeMap<>(Map.of("clicks", topic)), plain.placeholders()));
  }
}
