package io.sessionize.table;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sessionize.offsets.OffsetRange;
import io.sessionize.offsets.Offsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OffsetConditionTest {

  @Test
  void noOffsetsAreNoRows() {
    assertEquals("false", OffsetCondition.of("t.", OffsetRange.NONE));
    assertEquals("false", OffsetCondition.of("t.", range(Map.of(0, 7L), Map.of(0, 7L))));
  }

  @Test
  void eachPartitionHasItsRange() {
    OffsetRange range = range(Map.of(0, 100L, 1, 50L), Map.of(0, 200L, 1, 90L));
    assertEquals(
        "(t.`partition` = 0 AND t.`offset` >= 100 AND t.`offset` < 200)"
            + " OR (t.`partition` = 1 AND t.`offset` >= 50 AND t.`offset` < 90)",
        OffsetCondition.of("t.", range));
    assertEquals(
        "(`partition` = 3 AND `offset` >= 1 AND `offset` < 2)",
        OffsetCondition.of("", range(Map.of(3, 1L), Map.of(3, 2L))));
  }

  @Test
  void ofManyPartitionsOneRangeHoldsAll() {
    Map<Integer, Long> from = new HashMap<>();
    Map<Integer, Long> to = new HashMap<>();
    for (int partition = 0; partition <= 100; partition++) {
      from.put(partition, 1_000L - partition);
      to.put(partition, 2_000L + partition);
    }
    assertEquals("`offset` >= 900 AND `offset` < 2100", OffsetCondition.of("", range(from, to)));
  }

  @Test
  void theDigitsAreThoseOfSqlInAnyLocale() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("ar-EG"));
    try {
      assertEquals(
          "(`partition` = 3 AND `offset` >= 1 AND `offset` < 2)",
          OffsetCondition.of("", range(Map.of(3, 1L), Map.of(3, 2L))));
      assertEquals(
          "(`partition` = 3 AND `offset` >= 7)",
          OffsetCondition.after(Offsets.of("web", Map.of(3, 7L))));
    } finally {
      Locale.setDefault(before);
    }
  }

  private static OffsetRange range(Map<Integer, Long> from, Map<Integer, Long> to) {
    return new OffsetRange(Offsets.of("web", from), Offsets.of("web", to));
  }
}
