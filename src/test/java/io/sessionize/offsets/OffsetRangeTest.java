package io.sessionize.offsets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.Failure;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OffsetRangeTest {
  private static OffsetRange range(Map<Integer, Long> from, Map<Integer, Long> to) {
    return new OffsetRange(Offsets.of("web", from), Offsets.of("web", to));
  }

  @Test
  void itsFirstPieceTakesOfEachPartitionByItsShare() {
    OffsetRange range = range(Map.of(0, 10L, 1, 0L, 2, 5L), Map.of(0, 40L, 1, 10L, 2, 5L));
    assertEquals("web:0:[10,16) web:1:[0,2) web:2:[5,5)", range.first(8).toString());
    assertEquals("web:0:[10,11) web:1:[0,0) web:2:[5,5)", range.first(1).toString());
    assertEquals(range, range.first(40));
    assertEquals(range, range.first(Long.MAX_VALUE));
  }

  @Test
  void itsSizeIsHowManyOffsetsItHasInAllPartitions() {
    OffsetRange range = range(Map.of(0, 10L, 1, 0L), Map.of(0, 40L, 1, 10L));
    assertEquals(40, range.size());
    assertFalse(range.isEmpty());
    assertEquals(0, OffsetRange.NONE.size());
    assertTrue(OffsetRange.NONE.isEmpty());
    assertEquals("", OffsetRange.NONE.toString());
    assertTrue(range(Map.of(0, 10L), Map.of(0, 10L)).isEmpty());
  }

  @Test
  void bothEndsNameTheSamePartitionsOfTheSameTopics() {
    assertRefused(Offsets.of("web", Map.of(0, 1L)), Offsets.of("app", Map.of(0, 2L)), "[app:0]");
    assertRefused(Offsets.of("web", Map.of(0, 1L)), Offsets.NONE, "names partitions [web:0]");
    assertRefused(
        Offsets.of("web", Map.of(0, 2L)),
        Offsets.of("web", Map.of(0, 1L)),
        "The range of partition web:0 ends at offset 1, before it begins at 2.");
  }

  @Test
  void twoRangesTogetherNameThePartitionsOfBoth() {
    OffsetRange web = range(Map.of(0, 10L), Map.of(0, 40L));
    OffsetRange app =
        new OffsetRange(Offsets.of("app", Map.of(0, 1L)), Offsets.of("app", Map.of(0, 2L)));
    assertEquals("app:0:[1,2) web:0:[10,40)", web.and(app).toString());
    assertEquals(web, web.and(OffsetRange.NONE));
    assertEquals(web, OffsetRange.NONE.and(web));
    OffsetRange further = range(Map.of(0, 40L, 1, 0L), Map.of(0, 50L, 1, 3L));
    assertEquals("web:0:[10,50) web:1:[0,3)", web.and(further).toString());
  }

  private static void assertRefused(Offsets from, Offsets to, String message) {
    Failure failure = assertThrows(Failure.class, () -> new OffsetRange(from, to));
    assertEquals(Failure.Kind.USAGE, failure.kind());
    assertTrue(failure.getMessage().contains(message), failure.getMessage());
  }

  @Test
  void piecesOfAnyRangeAreAsLongAsAllowedAndEndWhereItEnds() {
    Random random = new Random(1);
    for (int i = 0; i < 2_000; i++) {
      Map<Integer, Long> from = new HashMap<>();
      Map<Integer, Long> to = new HashMap<>();
      for (int partition = random.nextInt(6); partition >= 0; partition--) {
        long first = random.nextInt(1_000);
        from.put(partition, first);
        to.put(partition, first + random.nextInt(4) * random.nextInt(100));
      }
      OffsetRange rest = range(from, to);
      long limit = 1 + random.nextInt(50);
      while (!rest.isEmpty()) {
        OffsetRange piece = rest.first(limit);
        assertEquals(Math.min(limit, rest.size()), piece.size());
        assertTrue(!rest.to().isBehind(piece.to()), piece.toString());
        rest = new OffsetRange(piece.to(), rest.to());
      }
      assertEquals(Offsets.of("web", to), rest.from());
    }
  }
}
