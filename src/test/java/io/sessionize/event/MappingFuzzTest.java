package io.sessionize.event;

import static io.sessionize.event.Records.COORDINATES;
import static io.sessionize.event.Records.HORIZON;
import static io.sessionize.event.Records.SENT;
import static io.sessionize.event.Records.SKEW;
import static io.sessionize.event.Records.TIME;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.sessionize.event.Decoded.Reason;
import io.sessionize.event.Decoded.Rejected;
import io.sessionize.event.Decoded.Valid;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Decodes random batches of events by a definition with every feature, the same for each seed. */
class MappingFuzzTest {
  private static final int RECORDS = 4_000;

  private final Definition definition =
      DefinitionFile.parse("f", HostileBatches.DEFINITION).definition();
  private final TopicDefinition topic = definition.topics().get("clicks");
  private final RecordDecoder decoder =
      new MappingDecoder(definition, 1, definition.properties(), new Limits(SKEW, HORIZON));
  private final Map<Reason, Integer> reasons = new EnumMap<>(Reason.class);
  private int events;
  private int unfit;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void everyRecordIsAccountedForAsByATreeParser(long seed) {
    HostileBatches hostile = new HostileBatches(new Random(seed), TIME);
    for (int i = 0; i < RECORDS; i++) {
      byte[] value = hostile.next();
      try {
        check(value);
      } catch (Exception | StackOverflowError | AssertionError e) {
        String text = new String(value, StandardCharsets.UTF_8);
        throw new AssertionError(
            "seed "
                + seed
                + ", record "
                + i
                + ": "
                + text.substring(0, Math.min(2000, text.length())),
            e);
      }
    }
    assertTrue(events > RECORDS / 4, "events: " + events + ", rejected: " + reasons);
    assertTrue(unfit > RECORDS / 10, "unfit: " + unfit);
    assertEquals(
        EnumSet.complementOf(EnumSet.of(Reason.SET_ASIDE, Reason.UNKNOWN_SCHEMA)),
        reasons.keySet());
  }

  private void check(byte[] value) {
    List<Decoded> decoded = decode(value);
    JsonNode tree = TreeDecoder.tree(value);
    // The tree keeps the last value of a repeated field; the decoder checks all of them.
    boolean isStrict = !TreeDecoder.hasDuplicates(value);
    if (decoded.size() == 1
        && decoded.get(0) instanceof Rejected rejected
        && rejected.index() == null) {
      assertTrue(!isStrict || TreeMapping.isMalformed(topic, tree), rejected.detail());
      assertNull(rejected.element());
      reasons.merge(rejected.reason(), 1, Integer::sum);
      return;
    }
    assertTrue(!TreeMapping.isMalformed(topic, tree));
    JsonNode batch = tree.at(topic.records());
    assertEquals(batch.size(), decoded.size());
    for (int i = 0; i < decoded.size(); i++) {
      TreeMapping mapping = new TreeMapping(topic, definition.placeholders(), tree, batch.get(i));
      checkElement(mapping, isStrict, i, decoded.get(i));
      // A text of a structure has all values of a repeated field, with halves of surrogate pairs.
      if (decoded.get(i) instanceof Valid valid && (isStrict || isWithoutEscapes(value))) {
        mapping.assertIs(COORDINATES + "/" + i, valid);
      }
    }
  }

  private void checkElement(TreeMapping mapping, boolean isStrict, int index, Decoded decoded) {
    if (decoded instanceof Valid valid) {
      events++;
      unfit += valid.unfit();
      assertNull(mapping.reason());
      return;
    }
    Rejected rejected = (Rejected) decoded;
    reasons.merge(rejected.reason(), 1, Integer::sum);
    assertTrue(rejected.detail().length() < 200, rejected.detail());
    assertEquals(index, rejected.index());
    if (isStrict) {
      assertEquals(mapping.reason(), rejected.reason(), rejected.detail());
    }
    JsonNode stored = TreeDecoder.tree(rejected.element());
    assertEquals(
        mapping.event(), stored.has("record") ? stored.path("element") : stored, "as it was");
    // What is stored is rejected again for the same reason.
    List<Decoded> again = new ArrayList<>();
    decoder.decodeElement(
        new KafkaRecord("clicks", 3, 42, SENT, rejected.element()), index, again::add);
    assertEquals(rejected.reason(), ((Rejected) again.get(0)).reason(), "again");
  }

  private static boolean isWithoutEscapes(byte[] value) {
    return !new String(value, StandardCharsets.UTF_8).contains("\\u");
  }

  private List<Decoded> decode(byte[] value) {
    List<Decoded> results = new ArrayList<>();
    decoder.decode(new KafkaRecord("clicks", 3, 42, SENT, value), results::add);
    return results;
  }
}
