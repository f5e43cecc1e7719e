package io.sessionize.spark.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.row.RowSchemas;
import io.sessionize.session.Event;
import io.sessionize.session.EventDetails;
import io.sessionize.session.EventTests;
import io.sessionize.session.Properties;
import io.sessionize.session.Property;
import io.sessionize.session.PropertyType;
import io.sessionize.session.Rules;
import io.sessionize.testing.TestSpark;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RuleConditionsTest {
  private static final List<Property> PROPERTIES =
      List.of(
          new Property("campaign", PropertyType.STRING),
          new Property("price", PropertyType.DOUBLE));
  private static final RowSchemas SCHEMAS = RowSchemas.of(PROPERTIES);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "event_name = 'login' | true",
        "event_name IN ('logout') | false",
        "page_name LIKE '/shop/%' AND uuid = 'ann' | true",
        "campaign = 'spring' AND price > 9 | true",
        "booking_details = 'x' | false",
        "event_timestamp >= TIMESTAMP '2026-03-01 10:00:00' | true"
      })
  void aConditionSeesTheColumnsAndPropertiesOfAnEvent(String condition, boolean expected) {
    assertEquals(expected, tests(condition, null).starts().matches("ann", event("spring", 9.5)));
    assertEquals(expected, tests(null, condition).ends().matches("ann", event("spring", 9.5)));
  }

  @Test
  void oneThatFailsOnAnEventIsFalseThereAndCounted() {
    RuleConditions.Counted counted =
        RuleConditions.of(
                TestSpark.session(),
                rules("element_at(array(true), length(campaign) - 1) IS NULL", null),
                SCHEMAS)
            .counted(TestSpark.session());
    EventTests tests = counted.compile();
    assertFalse(tests.starts().matches("ann", event("(", 0)));
    assertTrue(tests.starts().matches("ann", event("shop", 0)));
    assertEquals(1, counted.failed());
  }

  @Test
  void rulesWithoutConditionsHaveNone() {
    RuleConditions.Counted counted =
        RuleConditions.of(TestSpark.session(), Rules.DEFAULT, SCHEMAS).counted(TestSpark.session());
    assertSame(RuleConditions.Counted.NONE, counted);
    assertSame(EventTests.NONE, counted.compile());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "event_time_ms < unix_millis(now())",
        "price",
        "colour = 'red'",
        "page_name IN (SELECT page FROM pages)",
        "page_name ="
      })
  void whatIsNoConditionOnTheEventIsRefusedWithItsRule(String condition) {
    Failure failure = assertThrows(Failure.class, () -> tests(null, condition));
    assertEquals(Failure.Kind.USAGE, failure.kind());
    assertTrue(failure.getMessage().startsWith("rule ends "), failure.getMessage());
  }

  private static EventTests tests(String starts, String ends) {
    return RuleConditions.of(TestSpark.session(), rules(starts, ends), SCHEMAS)
        .counted(TestSpark.session())
        .compile();
  }

  private static Rules rules(String starts, String ends) {
    return new Rules(
        Duration.ofMinutes(30),
        Duration.ofHours(2),
        null,
        List.of(),
        List.of(),
        null,
        starts,
        ends,
        0);
  }

  private static Event event(String campaign, double price) {
    return new Event(
        1_772_359_200_000L,
        null,
        "e",
        1,
        "/shop/a",
        null,
        new EventDetails("login", null, null),
        Properties.of(PROPERTIES, new Object[] {campaign, price}));
  }
}
