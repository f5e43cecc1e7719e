package io.sessionize.source;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sessionize.offsets.Offsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PartitionRangeTest {

  @Test
  void onlyPartitionsWithOffsetsHaveARange() {
    Offsets from = Offsets.of("web", Map.of(0, 5L, 1, 7L));
    Offsets to = Offsets.of("web", Map.of(0, 5L, 1, 9L, 2, 4L));
    assertEquals(List.of("web:1 7-9", "web:2 0-4"), tasks(from, to, 1, 2));
    assertEquals(List.of(), tasks(to, to, 4, 4));
  }

  @Test
  void largeRangesAreCutForMoreTasks() {
    Offsets from = Offsets.of("web", Map.of(0, 100L));
    Offsets to = Offsets.of("web", Map.of(0, 160L, 1, 20L));
    assertEquals(
        List.of("web:0 100-120", "web:0 120-140", "web:0 140-160", "web:1 0-20"),
        tasks(from, to, 4, 4));
    assertEquals(List.of("web:0 100-160", "web:1 0-20"), tasks(from, to, 2, 4));
  }

  @Test
  void noRangeIsEmpty() {
    Offsets to = Offsets.of("web", Map.of(0, 2L));
    assertEquals(List.of("web:0 0-1", "web:0 1-2"), tasks(Offsets.NONE, to, 8, 8));
  }

  @Test
  void tasksThatShareRangesHaveAboutTheSameSize() {
    // Given a busy topic and a quiet one with more partitions
    Offsets busy = Offsets.of("busy", offsets(4, 100));
    Offsets to = busy.orElse(Offsets.of("quiet", offsets(12, 1)));
    List<List<PartitionRange>> tasks =
        PartitionRange.tasks(PartitionRange.between(Offsets.NONE, to), 2, 4);
    assertEquals(
        List.of(103L, 103L, 103L, 103L),
        tasks.stream().map(task -> task.stream().mapToLong(PartitionRange::size).sum()).toList());
    assertEquals(16, tasks.stream().flatMap(List::stream).distinct().count());
  }

  private static Map<Integer, Long> offsets(int partitions, long offset) {
    return IntStream.range(0, partitions).boxed().collect(Collectors.toMap(i -> i, i -> offset));
  }

  private static List<String> tasks(Offsets from, Offsets to, int least, int most) {
    return PartitionRange.tasks(PartitionRange.between(from, to), least, most).stream()
        .map(
            task ->
                task.stream()
                    .map(range -> range.partition() + " " + range.from() + "-" + range.to())
                    .collect(Collectors.joining(", ")))
        .toList();
  }
}
