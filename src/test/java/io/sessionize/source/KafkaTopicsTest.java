package io.sessionize.source;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KafkaTopicsTest {
  private static final KafkaTopics TOPIC =
      new KafkaTopics(
          "clicks", "id", clicks(Map.of(0, 100L, 1, 7L)), clicks(Map.of(0, 500L, 1, 90L)));

  private static final KafkaTopics TOPICS =
      new KafkaTopics(
          new TreeMap<>(Map.of("clicks", "id", "taps", "other")),
          TOPIC.earliest().orElse(Offsets.of("taps", Map.of(0, 3L))),
          TOPIC.latest().orElse(Offsets.of("taps", Map.of(0, 9L))));

  @Test
  void aPartitionBeginsAtZeroWhereItsTopicIsKnown() {
    assertEquals("clicks:0:100,clicks:1:7", TOPIC.next(Offsets.NONE).toString());
    assertEquals("clicks:0:200,clicks:1:0", TOPIC.next(clicks(Map.of(0, 200L))).toString());
    assertEquals(
        "clicks:0:200,clicks:1:3,clicks:2:5",
        TOPIC.next(clicks(Map.of(0, 200L, 1, 3L, 2, 5L))).toString());
  }

  @Test
  void aTopicThatIsNewToTheTablesBeginsAtItsEarliestOffsetAndOthersAreLeftOut() {
    Offsets reached = clicks(Map.of(0, 200L)).orElse(Offsets.of("gone", Map.of(0, 9L)));
    assertEquals("clicks:0:200,clicks:1:0,taps:0:3", TOPICS.next(reached).toString());
  }

  @Test
  void messagesNameTheOffsetsOfTheirTopicAlone() {
    OffsetRange range =
        new OffsetRange(Offsets.of("taps", Map.of(0, 1L)), Offsets.of("taps", Map.of(0, 5L)));
    Failure failure = assertThrows(Failure.class, () -> TOPICS.requireHolds(range));
    assertEquals(
        "Kafka no longer holds offsets [1, 3) of partition 0 of topic taps: it holds taps:0:[3,9).",
        failure.getMessage());
    assertEquals("taps:0:[1,3)", TOPICS.missing(range).toString());
  }

  @Test
  void someOfTheTopicsHaveTheirOwnOffsets() {
    KafkaTopics taps = TOPICS.only("taps"::equals);
    assertEquals(Map.of("taps", "other"), taps.ids());
    assertEquals("taps:0:3", taps.earliest().toString());
    assertEquals("taps:0:9", taps.latest().toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0:100,1:0     | deleted offsets [0, 7) of partition 1 of topic clicks",
        "0:501,1:7     | partition 0 of topic clicks up to offset 501, but it ends at 500",
        "0:100,1:7,2:0 | no longer has partition 2"
      })
  void whatItDoesNotHoldIsNamed(String next, String message) {
    Failure failure =
        assertThrows(
            Failure.class, () -> TOPIC.requireNext(OffsetSpecifier.resolve(next, TOPIC), true));
    assertEquals(Failure.Kind.BROKEN, failure.kind());
    assertTrue(failure.getMessage().contains(message), failure.getMessage());
  }

  @Test
  void aGapAloneMayBeAllowed() {
    assertDoesNotThrow(() -> TOPIC.requireNext(clicks(Map.of(0, 99L, 1, 0L)), false));
    assertThrows(Failure.class, () -> TOPIC.requireNext(clicks(Map.of(0, 501L, 1, 0L)), false));
  }

  @Test
  void whatIsReadIsCommittedUnlessTheUserSaysOtherwise() {
    assertEquals("READ_COMMITTED", level(Map.of()));
    assertEquals("READ_UNCOMMITTED", level(Map.of("isolation.level", "read_uncommitted")));
    Failure failure =
        assertThrows(Failure.class, () -> level(Map.of("isolation.level", "committed")));
    assertEquals(Failure.Kind.USAGE, failure.kind());
    assertTrue(failure.getMessage().contains("'committed'"), failure.getMessage());
  }

  @Test
  void ofARangeItIsMissingWhatIsDeletedOrNotThereYet() {
    assertEquals("clicks:0:[50,100)", missing(Map.of(0, 50L, 1, 7L), Map.of(0, 500L, 1, 90L)));
    assertEquals("clicks:0:[50,60)", missing(Map.of(0, 50L), Map.of(0, 60L)));
    assertEquals("clicks:0:[500,600)", missing(Map.of(0, 100L), Map.of(0, 600L)));
    assertEquals("clicks:0:[50,600)", missing(Map.of(0, 50L), Map.of(0, 600L)));
    assertEquals("clicks:2:[3,4)", missing(Map.of(2, 3L), Map.of(2, 4L)));
    assertEquals("", missing(Map.of(0, 100L, 1, 7L), Map.of(0, 500L, 1, 90L)));
  }

  private static String missing(Map<Integer, Long> from, Map<Integer, Long> to) {
    return TOPIC.missing(new OffsetRange(clicks(from), clicks(to))).toString();
  }

  private static Offsets clicks(Map<Integer, Long> next) {
    return Offsets.of("clicks", next);
  }

  private static String level(Map<String, String> settings) {
    return new KafkaConnection("here:9092", settings).isolationLevel().toString().toUpperCase();
  }
}
