package io.sessionize.event;

import static io.sessionize.event.MappingDecoderTest.decode;
import static io.sessionize.event.MappingDecoderTest.decoder;
import static io.sessionize.event.Records.SENT;
import static io.sessionize.event.Records.TIME;
import static io.sessionize.event.Records.assertRejected;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.sessionize.event.Decoded.Reason;
import io.sessionize.event.Decoded.Rejected;
import io.sessionize.event.Decoded.Valid;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Records that hold several events. */
class BatchDecoderTest {
  private static final RecordDecoder PLAIN =
      decoder("records: /batch, event: {uuid: /u, event_id: /i, event_timestamp: /t}");

  /** With values of the record. */
  private static final RecordDecoder MIXED =
      decoder(
          "records: /data/batch, event: {uuid: [/u, {at: /user, in: record}], event_timestamp:"
              + " {created: /t, sent: {at: /sent, in: record}, received: {at: /data/received, in:"
              + " record}}}, properties: {p: {at: /p, in: record}, q: /q}");

  @Test
  void eachElementIsAnEvent() {
    List<Decoded> decoded =
        decode(PLAIN, "clicks", batch(event("ann", "1"), event("bob", "2"), user("ann")));
    assertEquals("ann bob ann", users(decoded));
    assertEquals("1", ((Valid) decoded.get(0)).event().id());
    assertEquals("clicks/3/42/2", ((Valid) decoded.get(2)).event().id());
  }

  @Test
  void anEmptyBatchHasNoResult() {
    assertEquals(List.of(), decode(PLAIN, "clicks", "{\"batch\": [ ]}"));
  }

  @Test
  void theRecordItselfCanBeTheArray() {
    RecordDecoder decoder = decoder("records: \"\", event: {uuid: /u, event_timestamp: /t}");
    assertEquals(
        "ann bob", users(decode(decoder, "clicks", "[%s,%s]".formatted(user("ann"), user("bob")))));
    assertRejected(Reason.MALFORMED, decode(decoder, "clicks", user("ann")).get(0));
  }

  @Test
  void aBrokenElementRejectsItselfAlone() {
    String[] broken = {
      "{\"t\": %d}".formatted(TIME),
      "{\"u\": \"ann\"}",
      "{\"u\": \"undefined\", \"t\": %d}".formatted(TIME),
      "{\"u\": {\"x\": [1.50, 1e3, null, \"\\\"\"]}, \"t\": %d}".formatted(TIME),
      "{\"u\": \"ann\", \"t\": 0}",
      "null",
      "[{}]",
      "7"
    };
    Reason[] reasons = {
      Reason.MISSING_UUID,
      Reason.MISSING_TIME,
      Reason.PLACEHOLDER_UUID,
      Reason.MALFORMED,
      Reason.BEFORE_2000,
      Reason.MALFORMED,
      Reason.MALFORMED,
      Reason.MALFORMED
    };
    for (int i = 0; i < broken.length; i++) {
      List<Decoded> decoded = decode(PLAIN, "clicks", batch(user("ann"), broken[i], user("bob")));
      assertEquals("ann bob", users(List.of(decoded.get(0), decoded.get(2))));
      Rejected rejected = assertRejected(reasons[i], decoded.get(1), broken[i]);
      assertEquals(1, rejected.index());
      assertEquals(broken[i].replaceAll("(?<=[:,]) ", ""), text(rejected));
      assertRejected(reasons[i], element(PLAIN, rejected));
    }
  }

  @Test
  void halfASurrogatePairStaysWhatItIsInAStoredElement() {
    String half = "{\"u\":\"\\ud83d\",\"t\":%d}".formatted(TIME);
    Rejected rejected =
        assertRejected(Reason.MALFORMED, decode(PLAIN, "clicks", batch(half, user("😀"))).get(0));
    assertEquals(half, text(rejected));
    assertRejected(Reason.MALFORMED, element(PLAIN, rejected));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"batch\": null}",
        "{\"batch\": {}}",
        "{\"batch\": \"[]\"}",
        "[]",
        "7",
        "",
        "{\"batch\": [BATCH]",
        "{\"batch\": [BATCH,]}",
        "{\"batch\": [BATCH]} x",
        "{\"batch\": [BATCH"
      })
  void aRecordThatIsNotReadToItsEndIsRejectedWhole(String record) {
    String json = record.replace("BATCH", user("ann") + "," + user("bob"));
    List<Decoded> decoded = decode(PLAIN, "clicks", json);
    assertEquals(1, decoded.size());
    Rejected rejected = assertRejected(Reason.MALFORMED, decoded.get(0), json);
    assertNull(rejected.index());
    assertNull(rejected.element());
  }

  @Test
  void theLastArrayCounts() {
    String twice = "{\"batch\": [%s, 7], \"batch\": [%s]}".formatted(user("ann"), user("bob"));
    assertEquals("bob", users(decode(PLAIN, "clicks", twice)));
    String without = "{\"data\": {\"batch\": [%s]}, \"data\": {}}".formatted(user("ann"));
    assertRejected(Reason.MALFORMED, decode(MIXED, "clicks", without).get(0));
  }

  @Test
  void anElementKeepsNoValueOfThePreviousOne() {
    List<Decoded> decoded = decode(PLAIN, "clicks", batch(event("ann", "1"), "{}", user("bob")));
    assertRejected(Reason.MISSING_UUID, decoded.get(1));
    assertEquals("clicks/3/42/2", ((Valid) decoded.get(2)).event().id());
  }

  @Test
  void valuesOfTheRecordMayFollowTheArray() {
    List<Decoded> decoded = decode(MIXED, "clicks", mixed("\"x\""));
    assertEquals("eve bob", users(decoded));
    Valid eve = (Valid) decoded.get(0);
    assertEquals(TIME + 50, eve.event().timeMs());
    assertEquals("x", eve.event().property("p"));
    assertEquals("1", eve.event().property("q"));
    assertEquals("x", ((Valid) decoded.get(1)).event().property("p"));
  }

  @Test
  void aRejectedElementIsStoredWithTheValuesOfItsRecordAndDecodedAgain() {
    String record = mixed("[1.50, {}]").replaceFirst("\"t\": [0-9]+", "\"t\": true");
    Rejected rejected = assertRejected(Reason.MALFORMED, decode(MIXED, "clicks", record).get(0));
    String stored = text(rejected);
    assertEquals("{\"t\":true,\"q\":1}", stored.replaceAll(".*\"element\":(.*)}", "$1"), stored);
    assertRejected(Reason.MALFORMED, element(MIXED, rejected));
    // When the element is mended
    String mended = stored.replace("true", "" + TIME);
    Valid valid = (Valid) element(MIXED, mended);
    assertEquals("eve", valid.uuid());
    assertEquals(TIME + 50, valid.event().timeMs());
    assertEquals("clicks/3/42/0", valid.event().id());
    assertEquals("[1.50,{}]", valid.event().property("p"));
    // By a definition that maps no value of the record
    assertRejected(Reason.MISSING_UUID, element(PLAIN, mended));
    assertEquals(
        "bob", ((Valid) element(PLAIN, mended.replace("\"q\"", "\"u\":\"bob\",\"q\""))).uuid());
    // One that was stored without values of the record
    assertEquals("bob", ((Valid) element(MIXED, user("bob"))).uuid());
    assertRejected(Reason.MALFORMED, element(MIXED, "{\"record\":{\"/user\":\"eve\"}}"));
    assertRejected(Reason.MALFORMED, element(MIXED, "7"));
  }

  @Test
  void aLongValueOfTheRecordDoesNotFit() {
    String text = "x".repeat(1001);
    List<Decoded> decoded = decode(MIXED, "clicks", mixed("\"" + text + "\""));
    assertEquals(1, ((Valid) decoded.get(0)).unfit());
    assertNull(((Valid) decoded.get(0)).event().property("p"));
    // Only the first element needs it.
    decoded = decode(MIXED, "clicks", mixed("\"x\"").replace("eve", text));
    assertRejected(Reason.MALFORMED, decoded.get(0));
    assertEquals("bob", ((Valid) decoded.get(1)).uuid());
    // Each element needs it.
    String sent = mixed("\"x\"").replace("\"sent\": ", "\"sent\": \"" + text + "\", \"x\": ");
    assertNull(assertRejected(Reason.MALFORMED, decode(MIXED, "clicks", sent).get(0)).index());
  }

  @Test
  void anElementThatIsNoObjectIsStoredAsItIs() {
    String record = mixed("1").replace("[", "[0, ");
    assertEquals("0", text((Rejected) decode(MIXED, "clicks", record).get(0)));
  }

  @Test
  void anElementThatLooksLikeAStoredOneIsNotTakenForIt() {
    RecordDecoder decoder =
        decoder("records: /batch, event: {uuid: [/u, {at: /a, in: record}], event_timestamp: /t}");
    for (String element : List.of("{\"record\":{\"/a\":1},\"u\":\"\"}", "{\"record\":7}")) {
      Rejected rejected =
          assertRejected(Reason.MISSING_UUID, decode(decoder, "clicks", batch(element)).get(0));
      assertEquals("{\"record\":{},\"element\":" + element + "}", text(rejected));
      assertRejected(Reason.MISSING_UUID, element(decoder, rejected));
    }
  }

  @Test
  void aSmallRecordDoesNotBecomeALargeNumberOfStoredBytes() {
    String p = "\"" + "x".repeat(990) + "\"";
    String numbers = mixed(p).replace("[", "[" + "0,".repeat(100_000));
    List<Decoded> decoded = decode(MIXED, "clicks", numbers);
    assertEquals(100_002, decoded.size());
    assertEquals("0", text((Rejected) decoded.get(99_999)));
    String objects = mixed(p).replace("[", "[" + "{\"t\":{}},".repeat(100_000));
    decoded = decode(MIXED, "clicks", objects);
    assertEquals(1, decoded.size());
    assertNull(assertRejected(Reason.MALFORMED, decoded.get(0), "").index());
  }

  private static String mixed(String p) {
    return """
        {"data": {"batch": [{"t": %d, "q": 1}, {"u": "bob", "t": %d}], "received": "%d"},
         "p": %s, "user": "eve", "sent": %d}
        """
        .formatted(TIME, TIME, TIME + 100, p, TIME + 50);
  }

  private static String batch(String... elements) {
    return "{\"sent\": 1, \"batch\": [" + String.join(", ", elements) + "], \"x\": {}}";
  }

  private static String user(String uuid) {
    return "{\"u\":\"%s\",\"t\":%d}".formatted(uuid, TIME);
  }

  private static String event(String uuid, String id) {
    return "{\"i\":\"%s\",\"u\":\"%s\",\"t\":%d}".formatted(id, uuid, TIME);
  }

  private static String users(List<Decoded> decoded) {
    return String.join(" ", decoded.stream().map(each -> ((Valid) each).uuid()).toList());
  }

  private static String text(Rejected rejected) {
    return new String(rejected.element(), StandardCharsets.UTF_8);
  }

  private static Decoded element(RecordDecoder decoder, Rejected rejected) {
    return element(decoder, text(rejected));
  }

  private static Decoded element(RecordDecoder decoder, String stored) {
    List<Decoded> results = new ArrayList<>();
    byte[] value = stored.getBytes(StandardCharsets.UTF_8);
    decoder.decodeElement(new KafkaRecord("clicks", 3, 42, SENT, value), 0, results::add);
    assertEquals(1, results.size());
    if (results.get(0) instanceof Rejected rejected) {
      assertEquals(0, rejected.index());
      assertEquals(stored, text(rejected));
    }
    return results.get(0);
  }
}
