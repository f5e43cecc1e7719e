package io.sessionize.event;

import static io.sessionize.event.Records.FULL;
import static io.sessionize.event.Records.HORIZON;
import static io.sessionize.event.Records.SENT;
import static io.sessionize.event.Records.SKEW;
import static io.sessionize.event.Records.assertRejected;
import static io.sessionize.event.Records.text;
import static io.sessionize.event.Records.with;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.event.Decoded.Reason;
import io.sessionize.event.Decoded.Rejected;
import io.sessionize.event.Decoded.Valid;
import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Records that are not events, and unusual events. */
class HostileRecordsTest {
  private static final String TELLING = "{}[]\",:\\u0-.eE";

  private final Records records = new Records();

  @Test
  void tombstoneIsMalformed() {
    assertRejected(Reason.MALFORMED, records.decode((byte[]) null));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "\n",
        "null",
        "true",
        "7",
        "\"uuid\"",
        "[]",
        "{",
        "}",
        "{]",
        "{\"uuid\"}",
        "{\"uuid\":}",
        "{uuid: 1}",
        "{'uuid': 1}",
        "{\"uuid\": ann}",
        "{\"uuid\": 01}",
        "{\"uuid\": +1}",
        "{\"uuid\": .5}",
        "{\"uuid\": NaN}",
        "{\"uuid\": Infinity}",
        "{\"uuid\": \"\\x\"}",
        "{\"uuid\": \"a\nb\"}",
        "{\"uuid\": 1,}",
        "{,}",
        "{} // nothing",
        "user-1234,home,1790875556200"
      })
  void valueThatIsNotAJsonObjectIsMalformed(String value) {
    assertRejected(Reason.MALFORMED, records.decode(value));
  }

  @Test
  void arrayOfEventsIsMalformed() {
    assertRejected(Reason.MALFORMED, records.decode("[" + FULL + "]"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"}", "{}", "x", ",", "null", "1", "\u0000", "{\"uuid\": \"bob\"}"})
  void contentAfterTheObjectIsMalformed(String trailing) {
    assertRejected(Reason.MALFORMED, records.decode(FULL + trailing));
  }

  @ParameterizedTest
  @ValueSource(strings = {" ", "\n", "\r\n", "\t\t"})
  void whiteSpaceAroundTheObjectIsIgnored(String space) {
    assertEquals("user-1234", records.valid(space + FULL + space).uuid());
  }

  @Test
  void recordTruncatedAtAnyByteIsMalformed() {
    byte[] whole = FULL.strip().getBytes(StandardCharsets.UTF_8);
    for (int length = 0; length < whole.length; length++) {
      assertRejected(Reason.MALFORMED, records.decode(Arrays.copyOf(whole, length)));
    }
  }

  @Test
  void aByteOrderMarkOfUtf8IsNothing() {
    assertEquals("user-1234", records.valid("\uFEFF" + FULL).uuid());
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16", "UTF-16BE", "UTF-16LE", "UTF-32", "UTF-32BE", "UTF-32LE"})
  void otherUnicodeEncodingsAreMalformed(String charset) {
    assertRejected(Reason.MALFORMED, records.decode(FULL.getBytes(Charset.forName(charset))));
    assertRejected(
        Reason.MALFORMED, records.decode(("\uFEFF" + FULL).getBytes(Charset.forName(charset))));
  }

  @Test
  void latin1IsMalformed() {
    assertRejected(
        Reason.MALFORMED,
        records.decode(with("page_name", "\"Zoë\"").getBytes(StandardCharsets.ISO_8859_1)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "80", // a continuation of nothing
        "C3", // a beginning without its continuation
        "FF",
        "C0 80", // overlong: NUL in two bytes
        "C1 A1", // overlong: a
        "E0 80 A1",
        "F0 80 80 A1",
        "ED A0 80", // half a surrogate pair
        "ED A0 BD ED B8 80", // a whole one, as CESU-8 has it
        "F4 90 80 80", // beyond the last code point
      })
  void invalidUtf8IsMalformedInEveryField(String hex) {
    for (String field : new String[] {"uuid", "page_name", "unknown"}) {
      assertRejected(Reason.MALFORMED, records.decode(withBytes(field, hex)), field);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"7F", "C2 80", "E0 A0 80", "EF BF BF", "F0 90 80 80", "F4 8F BF BF"})
  void theEndsOfEachLengthOfUtf8AreTexts(String hex) {
    byte[] value = withBytes("page_name", hex);
    Valid valid = assertInstanceOf(Valid.class, records.decode(value));
    assertEquals(1, valid.event().pageName().codePoints().count());
  }

  @ParameterizedTest
  @ValueSource(strings = {"\\ud83d", "\\ude00", "\\ude00\\ud83d", "x\\ud83dx", "\\ud83d\\ud83d"})
  void halfASurrogatePairInAKnownFieldIsMalformed(String escaped) {
    for (String field : new String[] {"uuid", "event_id", "page_name", "booking_details"}) {
      assertRejected(Reason.MALFORMED, records.decode(with(field, text(escaped))), field);
    }
    assertRejected(
        Reason.MALFORMED, records.decode(with("booking_details", "[" + text(escaped) + "]")));
    assertRejected(
        Reason.MALFORMED, records.decode(with("booking_details", "{" + text(escaped) + ": 1}")));
    assertRejected(
        Reason.MALFORMED,
        records.decode(with("event_details", "{\"event_name\": " + text(escaped) + "}")));
    assertEquals("user-1234", records.valid(with("unknown", text(escaped))).uuid());
  }

  @Test
  void rawControlCharacterIsMalformedAndEscapedOneIsValid() {
    assertRejected(Reason.MALFORMED, records.decode(with("page_name", "\"a\u0000b\"")));
    assertEquals("a\u0000b", records.valid(with("page_name", "\"a\\u0000b\"")).event().pageName());
  }

  private byte[] withBytes(String field, String hex) {
    byte[] frame = with(field, "\"?\"").getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream value = new ByteArrayOutputStream();
    for (byte b : frame) {
      if (b == '?') {
        for (String digits : hex.split(" ")) {
          value.write(Integer.parseInt(digits, 16));
        }
      } else {
        value.write(b);
      }
    }
    return value.toByteArray();
  }

  @Test
  void textOfAMegabyteIsKept() {
    String text = "x".repeat(1_000_000);
    assertEquals(text, records.valid(with("page_name", text(text))).event().pageName());
    assertEquals(text, records.valid(with("booking_details", text(text))).event().bookingDetails());
    assertEquals("user-1234", records.valid(with("unknown", text(text))).uuid());
  }

  @ParameterizedTest
  @ValueSource(strings = {"unknown", "booking_details"})
  void nestingOfOneThousandLevelsIsValid(String field) {
    // The record itself is the first level.
    assertEquals("user-1234", records.valid(with(field, "[".repeat(999) + "]".repeat(999))).uuid());
  }

  @ParameterizedTest
  @ValueSource(strings = {"unknown", "booking_details", "uuid"})
  void nestingOfTwoThousandLevelsIsMalformed(String field) {
    assertRejected(
        Reason.MALFORMED, records.decode(with(field, "[".repeat(2000) + "]".repeat(2000))));
    assertRejected(
        Reason.MALFORMED,
        records.decode(with(field, "{\"a\":".repeat(2000) + "1" + "}".repeat(2000))));
  }

  @Test
  void numberOfOneThousandDigitsIsKept() {
    String number = "9".repeat(1000);
    assertEquals(number, records.valid(with("event_id", number)).event().id());
    assertEquals(
        "[" + number + "]",
        records.valid(with("booking_details", "[" + number + "]")).event().bookingDetails());
  }

  @ParameterizedTest
  @ValueSource(strings = {"event_id", "booking_details", "event_timestamp", "unknown"})
  void numberOfMoreThanOneThousandDigitsIsMalformed(String field) {
    assertRejected(Reason.MALFORMED, records.decode(with(field, "9".repeat(1001))));
    assertRejected(Reason.MALFORMED, records.decode(with(field, "0." + "9".repeat(1001))));
  }

  @Test
  void tenThousandFieldsAreIgnored() {
    StringBuilder fields = new StringBuilder("{");
    for (int i = 0; i < 10_000; i++) {
      fields.append("\"field").append(i).append("\": ").append(i).append(", ");
    }
    assertEquals("user-1234", records.valid(fields + FULL.strip().substring(1)).uuid());
  }

  @Test
  void fieldNamesAreNotInterned() {
    long before = usedBytes();
    for (int i = 0; i < 200; i++) {
      String name = i + "x".repeat(1_000_000);
      assertEquals("user-1234", records.valid(with(name, "1")).uuid());
    }
    assertTrue(usedBytes() - before < 100_000_000, "200 MB of names are still there");
  }

  private static long usedBytes() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  @Test
  void anyTextIsValidAsUuid() {
    for (String uuid :
        new String[] {
          "'; DROP TABLE user_sessions; --",
          "`\"'\\${}",
          "_session_1790875556200",
          "../../etc/passwd",
          "null",
          "a\nb\tc",
          "\u202Egnp.exe",
          "x".repeat(10_000)
        }) {
      assertEquals(uuid, records.valid(with("uuid", text(escaped(uuid)))).uuid());
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void mutatedRecordIsAnEventOrRejectedAndTheDecoderContinues(long seed) {
    Random random = new Random(seed);
    byte[] valid = FULL.getBytes(StandardCharsets.UTF_8);
    int events = 0;
    for (int i = 0; i < 5_000; i++) {
      byte[] value = valid;
      for (int mutations = 1 + random.nextInt(4); mutations > 0; mutations--) {
        value = mutated(value, random);
      }
      Decoded decoded = records.decode(value);
      String message = "seed " + seed + ", mutation " + i;
      if (decoded instanceof Valid event) {
        events++;
        assertFalse(event.uuid().isBlank(), message);
        assertFalse(event.event().id().isBlank(), message);
        assertTrue(event.event().timeMs() >= SENT - HORIZON, message);
        assertTrue(event.event().timeMs() <= SENT + SKEW, message);
      } else {
        Rejected rejected = assertInstanceOf(Rejected.class, decoded, message);
        assertFalse(rejected.detail().isBlank(), message);
      }
    }
    // Many mutations change only a text, so both results occur.
    assertTrue(events > 100 && events < 4_900, "events: " + events);
    assertEquals("user-1234", records.valid(FULL).uuid());
  }

  private static byte[] mutated(byte[] value, Random random) {
    int at = random.nextInt(value.length + 1);
    int until = Math.min(value.length, at + random.nextInt(8));
    ByteArrayOutputStream mutated = new ByteArrayOutputStream();
    mutated.write(value, 0, at);
    switch (random.nextInt(6)) {
      case 0 -> { // cut off what follows
        return mutated.toByteArray();
      }
      case 1 -> { // leave out a few bytes
        mutated.write(value, until, value.length - until);
        return mutated.toByteArray();
      }
      case 2 -> mutated.write(value, at, until - at); // a few bytes twice
      case 3 -> mutated.write(random.nextInt(256)); // any byte more
      case 4 ->
          mutated.write(TELLING.charAt(random.nextInt(TELLING.length()))); // a telling one more
      default -> { // flip a bit
        if (at < value.length) {
          mutated.write(value[at] ^ 1 << random.nextInt(8));
          at++;
        }
      }
    }
    mutated.write(value, at, value.length - at);
    return mutated.toByteArray();
  }

  private static String escaped(String text) {
    return text.replace("\\", "\\\\")
        .replace("\"", "\\\"")
        .replace("\n", "\\n")
        .replace("\t", "\\t");
  }
}
