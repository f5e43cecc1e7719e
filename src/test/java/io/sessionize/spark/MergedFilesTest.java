package io.sessionize.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sessionize.spark.MergedFiles.File;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MergedFilesTest {
  @Test
  void filesUpToTwiceTheRowsGatheredSoFarAreMerged() {
    List<File> files =
        List.of(
            new File(0, 1, 1_000_000, 900_000, false),
            new File(1, 2, 250, 250, false),
            new File(2, 3, 100, 100, false),
            new File(3, 4, 900, 802, false));
    assertEquals(Set.of(), MergedFiles.of(files, 49));
    assertEquals(Set.of(1, 2), MergedFiles.of(files, 50));
    assertEquals(Set.of(1, 2, 3), MergedFiles.of(files, 51));
  }

  @Test
  void aFileThatIsMostlyDeletedIsMerged() {
    List<File> files =
        List.of(
            new File(0, 1, 1_000_000, 499_999, false),
            new File(1, 2, 1_000, 500, false),
            new File(2, 3, 900_000, 900_000, false),
            new File(3, 4, 9_000_000, 9_000_000, true));
    assertEquals(Set.of(0, 1, 2, 3), MergedFiles.of(files, 1));
    assertEquals(Set.of(0), MergedFiles.of(files.subList(0, 1), 1));
    assertEquals(Set.of(), MergedFiles.of(files.subList(1, 2), 1));
  }

  @Test
  void theFilesOfOneCommitAreMergedTogetherOrNotAtAll() {
    List<File> files =
        List.of(
            new File(0, 7, 100, 100, false),
            new File(1, 7, 120, 120, false),
            new File(2, 8, 150, 150, false));
    assertEquals(Set.of(0, 1, 2), MergedFiles.of(files, 75));
    assertEquals(Set.of(), MergedFiles.of(files, 74));
    assertEquals(Set.of(), MergedFiles.of(files.subList(0, 2), 109));
    assertEquals(Set.of(0, 1), MergedFiles.of(files.subList(0, 2), 110));
  }

  /**
   * @param most rows of a file
   */
  @ParameterizedTest
  @ValueSource(longs = {Long.MAX_VALUE, 50_000})
  void commitsAndWrittenRowsStayLogarithmic(long most) {
    Random random = new Random(7);
    List<File> files = new ArrayList<>(written(0, 1_000_000, most));
    long written = 0;
    for (int batch = 1; batch < 2_000; batch++) {
      long rows = 400 + random.nextInt(200);
      List<File> stored = new ArrayList<>();
      for (File file : files) {
        stored.add(new File(stored.size(), file.commit(), file.rows(), file.left(), false));
      }
      Set<Integer> merged = MergedFiles.of(stored, rows);
      long size = rows;
      files.clear();
      for (File file : stored) {
        if (merged.contains(file.number())) {
          size += file.left();
        } else {
          files.add(file);
        }
      }
      files.addAll(written(batch, size, most));
      written += size;
      long commits = files.stream().map(File::commit).distinct().count();
      assertTrue(commits < 12, files.toString());
    }
    assertTrue(written < 2_000 * 500 * 12L, "rows written: " + written);
  }

  private static List<File> written(long commit, long rows, long most) {
    long count = 1 + (rows - 1) / most;
    List<File> files = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      files.add(new File(i, commit, rows / count, rows / count, false));
    }
    return files;
  }
}
