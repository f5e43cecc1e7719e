package io.sessionize.spark.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.session.Event;
import io.sessionize.session.EventDetails;
import io.sessionize.session.Properties;
import io.sessionize.session.Property;
import io.sessionize.session.PropertyType;
import io.sessionize.testing.TestSpark;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventConditionTest {
  private static final List<Property> PROPERTIES =
      List.of(
          new Property("price", PropertyType.DOUBLE),
          new Property("campaign", PropertyType.STRING));
  private static final Event EVENT =
      new Event(
          1_772_452_800_000L,
          7L,
          "e1",
          1,
          "home",
          null,
          new EventDetails("buy", "track", "5"),
          Properties.of(PROPERTIES, new Object[] {49.9, null}));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "event_name = 'buy' AND event_type = 'track' AND event_value = '5' | true",
        "uuid = 'ann' AND event_id = 'e1' AND page_name = 'home' AND `order` = 7 | true",
        "event_time_ms > 1772452800000 | false",
        "price > 40 AND campaign IS NULL AND booking_details IS NULL | true",
        "campaign = 'spring' | false",
        "element_at(array(1), CAST(price AS INT) - 49) = 1 | false"
      })
  void theColumnsAreThoseOfAnEventNullIsFalseAndSoIsAFailure(String where, boolean holds) {
    assertEquals(holds, parse(where).holds("ann", EVENT));
  }

  @Test
  void aConditionIsTrueOrFalse() {
    Failure failure = assertThrows(Failure.class, () -> parse("price + 1"));
    assertEquals(Failure.Kind.USAGE, failure.kind());
    assertTrue(
        failure.getMessage().contains("where of topic clicks must be true or false"),
        failure.getMessage());
  }

  private static EventCondition parse(String where) {
    return EventCondition.parse(TestSpark.session(), "clicks", where, PROPERTIES);
  }
}
