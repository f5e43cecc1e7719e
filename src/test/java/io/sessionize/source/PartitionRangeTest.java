package io.sessionize.source;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sessionize.offsets.Offsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PartitionRangeTest {

  @Test
  void onlyPartitionsWithOffsetsArePieces() {
    Offsets from = Offsets.of("web", Map.of(0, 5L, 1, 7L));
    Offsets to = Offsets.of("web", Map.of(0, 5L, 1, 9L, 2, 4L));
    assertEquals(List.of("web:1 7-9", "web:2 0-4"), pieces(from, to, 1));
    assertEquals(List.of(), pieces(to, to, 4));
  }

  @Test
  void largePartitionsAreCutForMoreTasks() {
    Offsets from = Offsets.of("web", Map.of(0, 100L));
    Offsets to = Offsets.of("web", Map.of(0, 160L, 1, 20L));
    assertEquals(
        List.of("web:0 100-120", "web:0 120-140", "web:0 140-160", "web:1 0-20"),
        pieces(from, to, 4));
    assertEquals(List.of("web:0 100-160", "web:1 0-20"), pieces(from, to, 2));
  }

  @Test
  void noPieceIsEmpty() {
    Offsets to = Offsets.of("web", Map.of(0, 2L));
    assertEquals(List.of("web:0 0-1", "web:0 1-2"), pieces(Offsets.NONE, to, 8));
  }

  private static List<String> pieces(Offsets from, Offsets to, int tasks) {
    return PartitionRange.pieces(from, to, tasks).stream()
        .map(piece -> piece.partition() + " " + piece.from() + "-" + piece.to())
        .toList();
  }
}
