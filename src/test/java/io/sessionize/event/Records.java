package io.sessionize.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.sessionize.event.Decoded.Reason;
import io.sessionize.event.Decoded.Rejected;
import io.sessionize.event.Decoded.Valid;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Test records: a full event, and the same event with one change. */
final class Records {
  static final long TIME = Instant.parse("2026-10-01T17:25:56.200Z").toEpochMilli();
  static final long SENT = TIME + 1500;
  static final long SKEW = Duration.ofMinutes(10).toMillis();
  static final long HORIZON = Duration.ofDays(7).toMillis();
  static final long NO_TIMESTAMP = -1;
  static final String COORDINATES = "clicks/3/42";

  static final String FULL =
      """
      {"event_id": "s-01", "page_name": "home", "event_timestamp": "%d", "booking_details": "card-1",
       "uuid": "user-1234", "event_details":
         {"event_name": "page-view", "event_type": "user-action", "event_value": "home"}}
      """
          .formatted(TIME);

  private final RecordDecoder decoder = decoder(new Limits(SKEW, HORIZON));

  Decoded decode(String value) {
    return decode(value.getBytes(StandardCharsets.UTF_8));
  }

  Decoded decode(byte[] value) {
    return decodeSent(SENT, value);
  }

  Valid valid(String value) {
    return assertInstanceOf(Valid.class, decode(value));
  }

  /** Decodes a record of this timestamp at offset 42 of partition 3 of topic clicks. */
  Decoded decodeSent(long sentMs, byte[] value) {
    return decode(decoder, value, sentMs);
  }

  /** A decoder of the built-in definition. */
  static RecordDecoder decoder(Limits limits) {
    return new MappingDecoder(Definition.builtIn("clicks"), 1, List.of(), limits);
  }

  /** Decodes a record that is one event. */
  static Decoded decode(RecordDecoder decoder, byte[] value, long sentMs) {
    List<Decoded> results = new ArrayList<>();
    decoder.decode(new KafkaRecord("clicks", 3, 42, sentMs, value), results::add);
    assertEquals(1, results.size());
    return results.get(0);
  }

  /** A valid event with this JSON value in this field. */
  static String with(String field, String json) {
    return FULL.strip().replaceFirst("}$", ", \"" + field + "\": VALUE}").replace("VALUE", json);
  }

  static String text(String content) {
    return "\"" + content + "\"";
  }

  static Rejected assertRejected(Reason reason, Decoded decoded, String... message) {
    Rejected rejected =
        assertInstanceOf(Rejected.class, decoded, () -> decoded + String.join("", message));
    assertEquals(reason, rejected.reason(), rejected.detail());
    assertFalse(rejected.detail().isBlank());
    return rejected;
  }
}
