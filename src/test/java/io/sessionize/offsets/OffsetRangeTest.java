package io.sessionize.offsets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OffsetRangeTest {
  private static OffsetRange range(Map<Integer, Long> from, Map<Integer, Long> to) {
    return new OffsetRange(new Offsets(from), new Offsets(to));
  }

  @Test
  void itsFirstPieceTakesOfEachPartitionByItsShare() {
    OffsetRange range = range(Map.of(0, 10L, 1, 0L, 2, 5L), Map.of(0, 40L, 1, 10L, 2, 5L));
    assertEquals("0:[10,16) 1:[0,2) 2:[5,5)", range.first(8).toString());
    assertEquals("0:[10,11) 1:[0,0) 2:[5,5)", range.first(1).toString());
    assertEquals(range, range.first(40));
    assertEquals(range, range.first(Long.MAX_VALUE));
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
        long all = rest.to().since(rest.from());
        assertEquals(Math.min(limit, all), piece.to().since(piece.from()));
        assertTrue(!rest.to().isBehind(piece.to()), piece.toString());
        rest = new OffsetRange(piece.to(), rest.to());
      }
      assertEquals(new Offsets(to), rest.from());
    }
  }
}
