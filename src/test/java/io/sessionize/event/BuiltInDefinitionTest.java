package io.sessionize.event;

import static io.sessionize.event.Records.COORDINATES;
import static io.sessionize.event.Records.FULL;
import static io.sessionize.event.Records.TIME;
import static io.sessionize.event.Records.assertRejected;
import static io.sessionize.event.Records.text;
import static io.sessionize.event.Records.with;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.event.Decoded.Reason;
import io.sessionize.event.Decoded.Rejected;
import io.sessionize.event.Decoded.Valid;
import io.sessionize.session.Event;
import io.sessionize.session.EventDetails;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The table of {@link MappingDecoder}, row by row, by the built-in definition. */
class BuiltInDefinitionTest {
  private final Records records = new Records();

  @Test
  void everyFieldOfAnEventIsDecoded() {
    Valid valid = assertInstanceOf(Valid.class, records.decode(FULL));
    assertEquals("user-1234", valid.uuid());
    assertEquals(
        new Event(
            TIME, "s-01", "home", "card-1", new EventDetails("page-view", "user-action", "home")),
        valid.event());
  }

  @Test
  void eventNeedsOnlyUserAndTime() {
    Valid valid = records.valid("{\"uuid\": \"ann\", \"event_timestamp\": %d}".formatted(TIME));
    assertEquals("ann", valid.uuid());
    assertEquals(new Event(TIME, COORDINATES, null, null, null), valid.event());
  }

  @Test
  void decoderKeepsNoValueOfThePreviousRecord() {
    records.decode(FULL);
    assertEquals(
        new Event(TIME, COORDINATES, null, null, null),
        records.valid("{\"uuid\": \"ann\", \"event_timestamp\": %d}".formatted(TIME)).event());
    assertRejected(Reason.MISSING_UUID, records.decode("{}"));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "\"ann\",   ann",
        "\" ann \", ` ann `",
        "7,         7",
        "-7,        -7",
        "1.50,      1.50",
        "1e3,       1e3",
        "\"7\",     7",
        "\"\\u0000\", `\u0000`",
        "\"Zoë 😀\", Zoë 😀",
        "\"\\ud83d\\ude00\", 😀"
      })
  void uuidCanBeTextOrNumberAndKeepsItsText(String json, String uuid) {
    assertEquals(uuid, records.valid(with("uuid", json)).uuid());
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "\"\"", "\"  \"", "\"\\t\\n\"", "\"\\u2003\""})
  void eventWithoutUserIsRejected(String json) {
    assertRejected(Reason.MISSING_UUID, records.decode(with("uuid", json)));
    assertRejected(
        Reason.MISSING_UUID, records.decode("{\"event_timestamp\": %d}".formatted(TIME)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "TIME",
        "\"TIME\"",
        "\"000TIME\"",
        "TIME.0",
        "TIME.000",
        "TIMEe0",
        "TIME000e-3",
        "0.TIMEE13",
        "\"TIME.0\"",
        "\" TIME\"",
        "\"TIME \\r\\n\"",
        "\"\\tTIME.0 \""
      })
  void timestampCanBeNumberOrText(String json) {
    assertEquals(
        TIME,
        records.valid(with("event_timestamp", json.replace("TIME", "" + TIME))).event().timeMs());
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "\"\"", "\"  \""})
  void eventWithoutTimeIsRejected(String json) {
    assertRejected(Reason.MISSING_TIME, records.decode(with("event_timestamp", json)));
    assertRejected(Reason.MISSING_TIME, records.decode("{\"uuid\": \"ann\"}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1790875556200.5",
        "1790875556200.000000001",
        "1.79087555620001E12",
        "1e-999999999",
        "1e999999999",
        "1e99999999999",
        "\"1790875556200.5\"",
        "\"1790875556200.\"",
        "\".5e1\"",
        "\"1790875556 200\"",
        "\"1790875556200\\u00a0\"",
        "\"1790875556200\\u0000\"",
        "\"+1790875556200\"",
        "\"1_790_875_556_200\"",
        "\"1,790,875,556,200\"",
        "\"0x1A0F8B7A5C8\"",
        "\"2026-10-01T17:25:56Z\"",
        "\"-\"",
        "\"--1\"",
        "\"١٧٩٠٨٧٥٥٥٦٢٠٠\"",
        "\"１７９０８７５５５６２００\"",
        "9223372036854775808",
        "\"9223372036854775808\"",
        "-9223372036854775809",
        "99999999999999999999999999999999",
        "\"NaN\""
      })
  void timestampThatIsNotAWholeNumberIsMalformed(String json) {
    assertRejected(Reason.MALFORMED, records.decode(with("event_timestamp", json)));
  }

  @Test
  void timestampOfMillionsOfDigitsTakesNoTime() {
    String zeros = "0".repeat(10_000_000);
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          for (String time : new String[] {"1." + zeros, zeros + "1e12", "1e" + zeros + "9"}) {
            assertRejected(Reason.MALFORMED, records.decode(with("event_timestamp", text(time))));
          }
        });
  }

  @Test
  void longInvalidTimestampIsShortenedInTheDetail() {
    Rejected rejected =
        assertRejected(
            Reason.MALFORMED, records.decode(with("event_timestamp", text("x".repeat(1_000_000)))));
    assertTrue(rejected.detail().length() < 200, rejected.detail());
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {"\"s-01\", s-01", "17, 17", "\" \\u00a0\", ` \u00a0`"})
  void eventIdCanBeTextOrNumber(String json, String id) {
    assertEquals(id, records.valid(with("event_id", json)).event().id());
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "\"\"", "\" \""})
  void missingEventIdIsReplacedByKafkaCoordinates(String json) {
    assertEquals(COORDINATES, records.valid(with("event_id", json)).event().id());
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      nullValues = "NULL",
      value = {"\"home\", home", "404, 404", "null, NULL", "\"\", ``", "\" \", ` `"})
  void pageNameCanBeTextNumberOrBlank(String json, String page) {
    assertEquals(page, records.valid(with("page_name", json)).event().pageName());
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      nullValues = "NULL",
      value = {
        "\"card-1\" | card-1",
        "\"\"       | ``",
        "17.50      | 17.50",
        "true       | true",
        "null       | NULL",
        "{}         | {}",
        "[]         | []",
        "{ \"a\" : [ 1 , null , true , \"x\\\"\\u00e9\" , { } ] } | {\"a\":[1,null,true,\"x\\\"é\",{}]}",
      })
  void bookingDetailsCanBeAnyValueAndKeepTheirJsonText(String json, String kept) {
    assertEquals(kept, records.valid(with("booking_details", json)).event().bookingDetails());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"price\":1.10}",
        "{\"price\":12345678901234567890.123456789012345}",
        "[1e400,-0.0,1E-2,123456789012345678901234567890]"
      })
  void numbersInBookingDetailsAreNotRounded(String json) {
    assertEquals(json, records.valid(with("booking_details", json)).event().bookingDetails());
  }

  @Test
  void eventDetailsCanHaveValuesOfAnyType() {
    assertEquals(
        new EventDetails("click", "7", "{\"x\":[1]}"),
        details(
            """
            {"event_name": "click", "other": [{}], "event_value": {"x": [1]}, "event_type": 7}
            """));
    assertEquals(
        new EventDetails("true", null, ""),
        details("{\"event_name\": true, \"event_type\": null, \"event_value\": \"\"}"));
    assertEquals(new EventDetails(null, null, null), details("{}"));
  }

  @Test
  void missingEventDetailsAreNull() {
    assertNull(details("null"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"\"", "\"click\"", "7", "true", "[]", "[{}]"})
  void eventDetailsThatAreNotAnObjectAreMalformed(String json) {
    assertRejected(Reason.MALFORMED, records.decode(with("event_details", json)));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "uuid            | true",
        "uuid            | false",
        "uuid            | {}",
        "uuid            | [\"ann\"]",
        "event_id        | true",
        "event_id        | {\"id\": 1}",
        "event_timestamp | true",
        "event_timestamp | [1790875556200]",
        "page_name       | false",
        "page_name       | {\"name\": \"home\"}"
      })
  void valueThatIsNeitherTextNorNumberIsMalformed(String field, String json) {
    Rejected rejected = assertRejected(Reason.MALFORMED, records.decode(with(field, json)));
    assertEquals(field + " is neither a text nor a number", rejected.detail());
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "true", "null", "\"x\"", "{\"uuid\": [{}]}", "[[], {\"a\": 1}]"})
  void unknownFieldIsIgnored(String json) {
    assertEquals("user-1234", records.valid(with("utm_source", json)).uuid());
  }

  @Test
  void lastValueOfARepeatedFieldCounts() {
    assertEquals(
        new Event(TIME, "b", null, null, new EventDetails(null, "t", null)),
        records
            .valid(
                """
                {"uuid": "bob", "event_id": "a", "page_name": "home", "event_timestamp": 0,
                 "event_details": {"event_name": "n"},
                 "uuid": "ann", "event_id": "b", "page_name": null, "event_timestamp": %d,
                 "event_details": {"event_type": "x", "event_type": "t"}}
                """
                    .formatted(TIME))
            .event());
    assertRejected(
        Reason.MISSING_UUID,
        records.decode(
            "{\"uuid\": \"ann\", \"uuid\": null, \"event_timestamp\": %d}".formatted(TIME)));
  }

  @Test
  void fieldNamesAreCaseSensitive() {
    assertRejected(Reason.MISSING_UUID, records.decode(FULL.replace("\"uuid\"", "\"UUID\"")));
  }

  @Test
  void nestedFieldWithAKnownNameIsIgnored() {
    assertRejected(
        Reason.MISSING_UUID,
        records.decode(
            "{\"user\": {\"uuid\": \"ann\"}, \"event_details\": {\"uuid\": \"ann\"},"
                + " \"event_timestamp\": %d}".formatted(TIME)));
  }

  private EventDetails details(String json) {
    return records.valid(with("event_details", json)).event().details();
  }
}
