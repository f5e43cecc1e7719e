package io.sessionize.event;

import static io.sessionize.event.Records.SENT;
import static io.sessionize.event.Records.TIME;
import static io.sessionize.event.Records.assertRejected;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.util.JsonParserDelegate;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.util.TokenBuffer;
import io.sessionize.event.Decoded.Reason;
import io.sessionize.event.Decoded.Rejected;
import io.sessionize.event.Decoded.Valid;
import io.sessionize.session.Event;
import io.sessionize.session.EventDetails;
import io.sessionize.session.Property;
import io.sessionize.session.PropertyType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The table of {@link MappingDecoder}, beyond what the built-in definition uses. */
class MappingDecoderTest {
  private static final Limits LIMITS = new Limits(Records.SKEW, null);
  private static final String USER = "\"u\": \"ann\", ";
  private static final String NOW = "\"t\": " + TIME;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "epoch_ms | 1790875556200                      | 1790875556200",
        "epoch_s  | 1790875556                         | 1790875556000",
        "epoch_s  | \" 1790875556.2 \"                 | 1790875556200",
        "epoch_s  | 1790875556.2009                    | 1790875556200",
        "epoch_s  | 1.7908755562e9                     | 1790875556200",
        "epoch_us | 1790875556200999                   | 1790875556200",
        "epoch_us | \"1790875556200000.0\"             | 1790875556200",
        "iso8601  | \"2026-10-01T17:25:56.2Z\"         | 1790875556200",
        "iso8601  | \"2026-10-01t17:25:56.200999999z\" | 1790875556200",
        "iso8601  | \"2026-10-01 19:25:56.200+02:00\"  | 1790875556200",
        "iso8601  | \"2026-10-01T19:25:56.200+0200\"   | 1790875556200",
        "iso8601  | \"2026-10-01T12:25:56.200-05\"     | 1790875556200",
        "iso8601  | \"2026-10-01T17:25Z\"              | 1790875500000",
        "'[iso8601, epoch_s]' | 1790875556             | 1790875556000",
        "'[iso8601, epoch_s]' | \"2026-10-01T17:25:56Z\" | 1790875556000",
      })
  void timeIsReadInItsFormat(String format, String json, long timeMs) {
    Valid valid = valid(timed(format), "{" + USER + "\"t\": " + json + "}");
    assertEquals(timeMs, valid.event().timeMs());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "iso8601  | \"2026-10-01T17:25:56.2\"", // of no zone
        "iso8601  | \"2026-10-01\"",
        "iso8601  | \"2026-02-30T17:25:56Z\"",
        "iso8601  | \"2026-10-01T24:00:00Z\"",
        "iso8601  | \"2026-10-01T17:25:60Z\"",
        "iso8601  | \"2026-10-01T17:25:56ZZ\"",
        "iso8601  | \"12026-10-01T17:25:56Z\"",
        "iso8601  | \"٢٠٢٦-10-01T17:25:56Z\"",
        "iso8601  | 1790875556200",
        "epoch_s  | 1e999999999",
        "epoch_s  | 1e-999999999",
        "epoch_s  | \"2026-10-01T17:25:56Z\"",
        "epoch_us | 1e30",
        "'[iso8601, epoch_s]' | \"yesterday\"",
      })
  void timeThatIsNotInItsFormatIsMalformed(String format, String json) {
    Rejected rejected =
        assertRejected(Reason.MALFORMED, one(timed(format), "{" + USER + "\"t\": " + json + "}"));
    assertEquals("event_timestamp (/t) is not in format", rejected.detail().substring(0, 37));
  }

  private static RecordDecoder timed(String format) {
    return decoder("event: {uuid: /u, event_timestamp: {at: /t, as: " + format + "}}");
  }

  @ParameterizedTest
  @CsvSource({
    "1790875556, 1790875500, 1790875557, 1790875613000",
    "1790875556, 1790875600, 1790875601, 1790875557000",
    "1790875556,           , 1790875601, 1790875556000",
    "1790875556, 1790875600,           , 1790875556000",
  })
  void timeByTheDevicesClockIsCorrected(String created, String sent, String received, long timeMs) {
    String json = "{%s\"c\": %s, \"s\": %s, \"r\": %s}".formatted(USER, created, sent, received);
    assertEquals(timeMs, valid(corrected(), json).event().timeMs());
  }

  @Test
  void aTimeThatCannotBeCorrectedIsNone() {
    String rest = USER + "\"s\": 1790875600, \"r\": 1790875601";
    assertRejected(Reason.MISSING_TIME, one(corrected(), "{" + rest + "}"));
    assertRejected(
        Reason.MALFORMED, one(corrected(), "{" + rest + ", \"s\": \"x\", \"c\": 1790875556}"));
    assertRejected(
        Reason.MALFORMED, one(corrected(), "{" + USER + "\"c\": 9e15, \"s\": -9e15, \"r\": 9e15}"));
  }

  private static RecordDecoder corrected() {
    return decoder(
        "event: {uuid: /u, event_timestamp: {created: /c, sent: /s, received: /r, as: epoch_s}}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "\"device\"   | \"login\"   | device",
        "7            | \"login\"   | 7",
        "null         | \"login\"   | login",
        "\" \"        | \"login\"   | login",
        "\"null\"     | \"login\"   | login",
        "\"device\"   | {}          | device",
        "\"device\"   | \"\\ud83d\" | device",
        "\"Null\"     | \"login\"   | Null",
        "\"null\"     | \"undefined\" | placeholder_uuid",
        "\"00000000-0000-0000-0000-000000000000\" | null | placeholder_uuid",
        "null         | \"\"        | missing_uuid",
        "null         | false       | malformed",
        "null         | \"\\ud83d\" | malformed",
        "false        | \"login\"   | malformed",
      })
  void theUserIsTheFirstIdThatIsOne(String device, String login, String expected) {
    RecordDecoder decoder = decoder("event: {uuid: [/device, /login], event_timestamp: /t}");
    String json = "{\"device\": %s, \"login\": %s, %s}".formatted(device, login, NOW);
    Decoded decoded = one(decoder, json);
    assertEquals(
        expected,
        decoded instanceof Valid valid ? valid.uuid() : ((Rejected) decoded).reason().text());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "7       | 7",
        "\"7\"   | 7",
        "7.0     | 7",
        "-1e3    | -1000",
        "null    | -",
        "\" \"   | -"
      })
  void orderIsAWholeNumber(String json, Long order) {
    assertEquals(order, ordered(json) instanceof Valid valid ? valid.event().order() : "rejected");
  }

  @ParameterizedTest
  @ValueSource(strings = {"7.5", "\"first\"", "true", "{}", "9223372036854775808", "1e999999999"})
  void anyOtherOrderIsMalformed(String json) {
    assertRejected(Reason.MALFORMED, ordered(json));
  }

  private static Decoded ordered(String json) {
    RecordDecoder decoder = decoder("event: {uuid: /u, event_timestamp: /t, order: /n}");
    return one(decoder, "{" + USER + NOW + ", \"n\": " + json + "}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "string    | \"x\"           | x",
        "string    | \"\"            | ``",
        "string    | 1.50            | 1.50",
        "string    | true            | true",
        "string    | [1, {\"a\":\"\\u0001\\n\\\"\"}] | [1,{\"a\":\"\\u0001\\n\\\"\"}]",
        "string    | \"\\ud83d\"     | UNFIT",
        "string    | [\"\\ud83d\"]   | UNFIT",
        "long      | 7               | 7",
        "long      | \"7\"           | 7",
        "long      | 1790875736200.0 | 1790875736200",
        "long      | 1e3             | 1000",
        "long      | 7.5             | UNFIT",
        "long      | \" \\t\"        | ``",
        "double    | \"\"            | ``",
        "boolean   | \"\"            | ``",
        "decimal(5,2) | \"\"         | ``",
        "timestamp | \"\"            | ``",
        "long      | true            | UNFIT",
        "long      | [7]             | UNFIT",
        "long      | 9223372036854775808 | UNFIT",
        "double    | 0.1             | 0.1",
        "double    | \"-1e3\"        | -1000.0",
        "double    | -0.0            | 0.0",
        "double    | 1e400           | UNFIT",
        "double    | 1e-400          | 0.0",
        "double    | \"NaN\"         | UNFIT",
        "double    | \"0x1p3\"       | UNFIT",
        "double    | \"1d\"          | UNFIT",
        "boolean   | true            | true",
        "boolean   | \"false\"       | false",
        "boolean   | \"True\"        | UNFIT",
        "boolean   | 1               | UNFIT",
        "decimal(5,2) | 1.5          | 1.50",
        "decimal(5,2) | \"999.990\"  | 999.99",
        "decimal(5,2) | 1e2          | 100.00",
        "decimal(5,2) | 0e999999999  | 0.00",
        "decimal(5,2) | 1.505        | UNFIT",
        "decimal(5,2) | 1000         | UNFIT",
        "decimal(5,2) | 1e999999999  | UNFIT",
        "decimal(5,2) | 1e-999999999 | UNFIT",
        "decimal(5,2) | 100e2147483647  | UNFIT",
        "decimal(5,2) | 100e-2147483645 | UNFIT",
        "timestamp | \"2026-10-01T17:25:56.2001239Z\" | 2026-10-01T17:25:56.200123Z",
        "timestamp | \"1969-12-31T23:59:59.999999Z\"  | 1969-12-31T23:59:59.999999Z",
        "timestamp | \"0000-12-31T23:59:59Z\"         | UNFIT",
        "timestamp | 1790875556200   | UNFIT",
        "timestamp | {}              | UNFIT",
      })
  void aPropertyIsOfItsTypeOrNullAndCounted(String type, String json, String expected) {
    RecordDecoder decoder =
        decoder(
            "event: {uuid: /u, event_timestamp: /t}, properties: {p: {at: /p, as: \"%s\"}}"
                .formatted(type));
    Valid valid = valid(decoder, "{" + USER + NOW + ", \"p\": " + json + "}");
    Object value = valid.event().property("p");
    boolean fits = !expected.equals("UNFIT");
    assertEquals(fits ? 0 : 1, valid.unfit());
    // A blank text is no value, but of a string.
    boolean isNull = !fits || expected.isEmpty() && !type.equals("string");
    assertEquals(isNull ? null : expected, value == null ? null : value.toString());
    assertEquals(0, valid(decoder, "{" + USER + NOW + ", \"p\": null}").unfit());
    assertNull(valid(decoder, "{" + USER + NOW + "}").event().properties());
  }

  @ParameterizedTest
  @CsvSource({
    "epoch_us, 1790875556200123,    2026-10-01T17:25:56.200123Z",
    "epoch_ms, 1790875556200,       2026-10-01T17:25:56.200Z",
    "epoch_s,  1790875556.2001239,  2026-10-01T17:25:56.200123Z",
    "epoch_s,  -0.000001,           1969-12-31T23:59:59.999999Z",
  })
  void aTimestampHasItsFormat(String format, String json, String expected) {
    RecordDecoder decoder =
        decoder(
            "event: {uuid: /u, event_timestamp: /t}, properties: {p: {at: /p, as: timestamp, format:"
                + " %s}}".formatted(format));
    Valid valid = valid(decoder, "{" + USER + NOW + ", \"p\": " + json + "}");
    assertEquals(expected, valid.event().property("p").toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "/a/b    | {\"a\": {\"b\": 1}}                  | 1",
        "/a/b    | {\"a\": [{\"b\": 1}]}                | -",
        "/a/0/b  | {\"a\": [{\"b\": 1}, {\"b\": 2}]}    | 1",
        "/a/1/b  | {\"a\": [{\"b\": 1}, {\"b\": 2}]}    | 2",
        "/a/0/b  | {\"a\": {\"0\": {\"b\": 3}}}         | 3",
        "/a/01   | {\"a\": [1, 2]}                      | -",
        "/a/-    | {\"a\": [1, 2]}                      | -",
        "/a/9999999999 | {\"a\": [1, 2]}                | -",
        "/a~1b   | {\"a/b\": 1}                         | 1",
        "/a~0b   | {\"a~b\": 1}                         | 1",
        "/a~01b  | {\"a~1b\": 1}                        | 1",
        "/       | {\"\": 1}                            | 1",
        "/a/     | {\"a\": {\"\": 1}}                   | 1",
        "/a      | {\"a\": {\"b\": [1, 2]}}             | {\"b\":[1,2]}",
        "/a/b    | {\"a\": {\"b\": 1}, \"a\": {}}       | -",
        "/a/b    | {\"a\": {\"b\": 1}, \"a\": 2}        | -",
        "/a/b    | {\"a\": {\"b\": 1, \"b\": 2}}        | 2",
      })
  void aPointerIsOfRfc6901(String pointer, String json, String value) {
    RecordDecoder decoder =
        decoder("event: {uuid: /u, event_timestamp: /t}, properties: {p: \"" + pointer + "\"}");
    String record = "{" + USER + NOW + ", " + json.substring(1);
    assertEquals(value, valid(decoder, record).event().property("p"));
  }

  @Test
  void pointersMayOverlap() {
    RecordDecoder decoder =
        decoder(
            "event: {uuid: /a/u, event_id: /a/u, event_timestamp: /a/b/0, booking_details: /a},"
                + " properties: {whole: \"\", list: /a/b, one: /a/b/1, id: /a/u}");
    String a = "{\"u\":\"ann\",\"x\":{\"y\":[null,true]},\"b\":[%d,\"x\",1.50]}".formatted(TIME);
    Valid valid = valid(decoder, "{\"a\": " + a + ", \"b\" : 1e3}");
    assertEquals("ann", valid.uuid());
    assertEquals("ann", valid.event().id());
    assertEquals(a, valid.event().bookingDetails());
    assertEquals("{\"a\":" + a + ",\"b\":1e3}", valid.event().property("whole"));
    assertEquals("[%d,\"x\",1.50]".formatted(TIME), valid.event().property("list"));
    assertEquals("x", valid.event().property("one"));
    assertEquals("ann", valid.event().property("id"));
  }

  @Test
  void theThreePartsOfDetailsCanBeAnywhere() {
    RecordDecoder decoder =
        decoder("event: {uuid: /u, event_timestamp: /t, event_name: /e, event_value: /x/v}");
    assertEquals(
        new EventDetails("page", null, "[1]"),
        valid(decoder, "{" + USER + NOW + ", \"e\": \"page\", \"x\": {\"v\": [1]}}")
            .event()
            .details());
    assertNull(valid(decoder, "{" + USER + NOW + ", \"x\": 7}").event().details());
  }

  @Test
  void eachTopicHasItsMapping() {
    Definition definition =
        DefinitionFile.parse(
                "f",
                """
            version: 1
            topics:
              web: {event: {uuid: /u, event_timestamp: /t}, properties: {b: /b}}
              app: {event: {uuid: /v, event_timestamp: /t}, properties: {a: {at: /a, as: long}}}
            """)
            .definition();
    List<Property> columns =
        List.of(
            new Property("z", PropertyType.STRING),
            new Property("b", PropertyType.STRING),
            new Property("a", PropertyType.LONG));
    RecordDecoder decoder = new MappingDecoder(definition, 7, columns, LIMITS);
    String json = "{\"u\": 1, \"v\": 2, \"a\": 3, \"b\": 4, \"z\": 5, " + NOW + "}";
    Valid web = (Valid) decode(decoder, "web", json).get(0);
    Valid app = (Valid) decode(decoder, "app", json).get(0);
    assertEquals("1", web.uuid());
    assertEquals("[null, 4, null]", web.event().properties().toString());
    assertEquals(7, web.event().definition());
    assertEquals("2", app.uuid());
    assertEquals("[null, null, 3]", app.event().properties().toString());
    assertThrows(IllegalStateException.class, () -> decode(decoder, "tv", json));
  }

  @Test
  void anyParserOfJsonTokensCanBeRead() {
    Definition definition = definition("event: {uuid: /u, event_timestamp: /t, page_name: /p/0}");
    ObjectMapper mapper = new ObjectMapper();
    RecordDecoder decoder =
        new MappingDecoder(
            definition,
            1,
            List.of(),
            LIMITS,
            topic ->
                value -> {
                  TokenBuffer tokens = new TokenBuffer(mapper, false);
                  mapper.writeTree(tokens, mapper.readTree(value));
                  return tokens.asParser();
                });
    Valid valid = valid(decoder, "{" + USER + NOW + ", \"p\": [\"home\"]}");
    assertEquals(new Event(TIME, "clicks/3/42", "home", null, null), valid.event());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "records: /batch, "})
  void aRecordOnWhichTheDecoderFailsIsMalformed(String records) {
    RecordFormat failing =
        value ->
            new JsonParserDelegate(RecordFormat.json().open(value)) {
              @Override
              public String getText() {
                throw new IllegalStateException("deep inside");
              }
            };
    RecordDecoder decoder =
        new MappingDecoder(
            definition(records + "event: {uuid: /u, event_timestamp: /t}"),
            1,
            List.of(),
            LIMITS,
            topic -> failing);
    String event = "{" + USER + NOW + "}";
    Rejected rejected =
        assertRejected(
            Reason.MALFORMED,
            one(decoder, records.isEmpty() ? event : "{\"batch\": [" + event + "]}"));
    assertTrue(rejected.detail().contains("deep inside"), rejected.detail());
  }

  static Definition definition(String topic) {
    return DefinitionFile.parse("f", "version: 1\ntopics: {clicks: {" + topic + "}}").definition();
  }

  static RecordDecoder decoder(String topic) {
    Definition definition = definition(topic);
    return new MappingDecoder(definition, 1, definition.properties(), LIMITS);
  }

  static List<Decoded> decode(RecordDecoder decoder, String topic, String json) {
    List<Decoded> results = new ArrayList<>();
    byte[] value = json.getBytes(StandardCharsets.UTF_8);
    decoder.decode(new KafkaRecord(topic, 3, 42, SENT, value), results::add);
    return results;
  }

  static Decoded one(RecordDecoder decoder, String json) {
    List<Decoded> results = decode(decoder, "clicks", json);
    assertEquals(1, results.size(), results.toString());
    return results.get(0);
  }

  static Valid valid(RecordDecoder decoder, String json) {
    return assertInstanceOf(Valid.class, one(decoder, json));
  }
}
