package io.sessionize.source;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import io.sessionize.offsets.Offsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KafkaTopicTest {
  private static final KafkaTopic TOPIC =
      new KafkaTopic(
          "clicks",
          "id",
          new Offsets(Map.of(0, 100L, 1, 7L)),
          new Offsets(Map.of(0, 500L, 1, 90L)));

  @Test
  void aPartitionBeginsAtZeroWhereItsTopicIsKnown() {
    assertEquals("0:100,1:7", TOPIC.next(Offsets.NONE).toString());
    assertEquals("0:200,1:0", TOPIC.next(new Offsets(Map.of(0, 200L))).toString());
    assertEquals(
        "0:200,1:3,2:5", TOPIC.next(new Offsets(Map.of(0, 200L, 1, 3L, 2, 5L))).toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0:100,1:0     | deleted offsets [0, 7) of partition 1 of topic clicks",
        "0:501,1:7     | partition 0 of topic clicks up to offset 501, but it ends at 500",
        "0:100,1:7,2:0 | has no partition 2 any more"
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
    assertDoesNotThrow(() -> TOPIC.requireNext(new Offsets(Map.of(0, 99L, 1, 0L)), false));
    assertThrows(
        Failure.class, () -> TOPIC.requireNext(new Offsets(Map.of(0, 501L, 1, 0L)), false));
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

  private static String level(Map<String, String> settings) {
    return new KafkaConnection("here:9092", settings).isolationLevel().toString().toUpperCase();
  }
}
