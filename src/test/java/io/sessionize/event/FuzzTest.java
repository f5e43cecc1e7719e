package io.sessionize.event;

import static io.sessionize.event.Records.COORDINATES;
import static io.sessionize.event.Records.TIME;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.sessionize.event.Decoded.Reason;
import io.sessionize.event.Decoded.Rejected;
import io.sessionize.event.Decoded.Valid;
import io.sessionize.session.Event;
import io.sessionize.session.EventDetails;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Decodes thousands of random records, the same for each seed. */
class FuzzTest {
  private static final int RECORDS = 5_000;

  private final Records records = new Records();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void everyRandomRecordIsDecodedAsByATreeParser(long seed) {
    HostileJson hostile = new HostileJson(new Random(seed), TIME);
    List<byte[]> values = new ArrayList<>();
    List<Decoded> decoded = new ArrayList<>();
    for (int i = 0; i < RECORDS; i++) {
      byte[] value = hostile.next();
      values.add(value);
      try {
        decoded.add(records.decode(value));
        assertIsRight(value, decoded.get(i));
      } catch (Exception | StackOverflowError | OutOfMemoryError | AssertionError e) {
        throw new AssertionError("seed " + seed + ", record " + i + ": " + brief(value), e);
      }
    }
    // The previous record must not change the result.
    for (int i = RECORDS - 1; i >= 0; i--) {
      assertEquals(decoded.get(i), records.decode(values.get(i)), "seed " + seed + ", record " + i);
    }
    assertNothingIsOutOfReach(decoded);
  }

  private static void assertIsRight(byte[] value, Decoded decoded) {
    JsonNode tree = TreeDecoder.tree(value);
    Reason reason = TreeDecoder.reason(tree);
    if (decoded instanceof Rejected rejected) {
      assertFalse(rejected.detail().isBlank());
      assertTrue(rejected.detail().length() < 1000, rejected.detail());
      // The tree keeps the last value of a repeated field; the decoder checks both.
      if (reason != rejected.reason() && !TreeDecoder.hasDuplicates(value)) {
        assertEquals(reason, rejected.reason(), rejected.detail());
      }
      return;
    }
    assertEquals(null, reason);
    Valid valid = (Valid) decoded;
    Event event = valid.event();
    JsonNode id = tree.path("event_id");
    assertEquals(TreeDecoder.time(tree.path("event_timestamp")).longValueExact(), event.timeMs());
    assertHolds(tree.path("uuid"), valid.uuid());
    assertHolds(tree.path("page_name"), event.pageName());
    assertHolds(tree.path("booking_details"), event.bookingDetails());
    if (id.isMissingNode() || id.asText().isBlank() || id.isNull()) {
      assertEquals(COORDINATES, event.id());
    } else {
      assertHolds(id, event.id());
    }
    JsonNode details = tree.path("event_details");
    EventDetails kept = event.details();
    assertEquals(details.isObject(), kept != null);
    if (kept != null) {
      assertHolds(details.path("event_name"), kept.name());
      assertHolds(details.path("event_type"), kept.type());
      assertHolds(details.path("event_value"), kept.value());
    }
  }

  /** A text is unchanged; any other value is equivalent JSON. */
  static void assertHolds(JsonNode node, String kept) {
    if (node.isMissingNode() || node.isNull()) {
      assertEquals(null, kept);
      return;
    }
    byte[] utf8 = kept.getBytes(StandardCharsets.UTF_8);
    assertEquals(kept, new String(utf8, StandardCharsets.UTF_8));
    if (node.isTextual()) {
      assertEquals(node.textValue(), kept);
    } else {
      assertEquals(node, TreeDecoder.tree(utf8));
    }
  }

  private static void assertNothingIsOutOfReach(List<Decoded> decoded) {
    Map<Reason, Integer> rejected = new EnumMap<>(Reason.class);
    for (Decoded each : decoded) {
      if (each instanceof Rejected no) {
        rejected.merge(no.reason(), 1, Integer::sum);
      }
    }
    int events = RECORDS - rejected.values().stream().mapToInt(Integer::intValue).sum();
    assertTrue(events > RECORDS / 10, "events: " + events + ", rejected: " + rejected);
    // No record alone shows that its user is set aside. The built-in definition has neither a
    // registry nor placeholders.
    Set<Reason> reachable =
        EnumSet.complementOf(
            EnumSet.of(Reason.SET_ASIDE, Reason.UNKNOWN_SCHEMA, Reason.PLACEHOLDER_UUID));
    assertEquals(reachable, rejected.keySet(), rejected.toString());
  }

  private static String brief(byte[] value) {
    String text = new String(value, StandardCharsets.UTF_8);
    return text.length() <= 1000 ? text : text.substring(0, 1000) + "... (" + value.length + " B)";
  }
}
