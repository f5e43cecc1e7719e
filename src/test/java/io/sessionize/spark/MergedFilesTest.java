package io.sessionize.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.spark.MergedFiles.File;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MergedFilesTest {
  @Test
  void filesUpToTwiceTheRowsGatheredSoFarAreMerged() {
    List<File> files =
        List.of(
            new File(0, 1_000_000, 900_000, false),
            new File(1, 250, 250, false),
            new File(2, 100, 100, false),
            new File(3, 900, 802, false));
    assertEquals(Set.of(), MergedFiles.of(files, 49));
    assertEquals(Set.of(1, 2), MergedFiles.of(files, 50));
    assertEquals(Set.of(1, 2, 3), MergedFiles.of(files, 51));
  }

  @Test
  void aFileThatIsMostlyDeletedIsMerged() {
    List<File> files =
        List.of(
            new File(0, 1_000_000, 499_999, false),
            new File(1, 1_000, 500, false),
            new File(2, 900_000, 900_000, false),
            new File(3, 9_000_000, 9_000_000, true));
    assertEquals(Set.of(0, 1, 2, 3), MergedFiles.of(files, 1));
    assertEquals(Set.of(0), MergedFiles.of(files.subList(0, 1), 1));
    assertEquals(Set.of(), MergedFiles.of(files.subList(1, 2), 1));
  }

  @Test
  void filesAndWrittenRowsStayLogarithmic() {
    Random random = new Random(7);
    List<Long> files = new ArrayList<>(List.of(1_000_000L));
    long written = 0;
    for (int batch = 0; batch < 2_000; batch++) {
      long rows = 400 + random.nextInt(200);
      List<File> stored = new ArrayList<>();
      for (int i = 0; i < files.size(); i++) {
        stored.add(new File(i, files.get(i), files.get(i), false));
      }
      Set<Integer> merged = MergedFiles.of(stored, rows);
      long size = rows;
      List<Long> next = new ArrayList<>();
      for (File file : stored) {
        if (merged.contains(file.number())) {
          size += file.left();
        } else {
          next.add(file.rows());
        }
      }
      next.add(size);
      written += size;
      files = next;
      assertTrue(files.size() < 12, files.toString());
    }
    assertTrue(written < 2_000 * 500 * 12L, "rows written: " + written);
  }
}
