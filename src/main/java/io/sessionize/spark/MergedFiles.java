package io.sessionize.spark;

import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Chooses the files of staging that a batch merges into the file that it writes. So there are about
 * as many files as the number of rows has binary digits, and each row is written again about as
 * often, however many batches there are: the logarithmic method.
 */
final class MergedFiles {
  private MergedFiles() {}

  /**
   * A data file of staging.
   *
   * @param number of the file
   * @param rows that it was written with
   * @param left rows that are left after the batch
   * @param isMarked whether to merge it in any case
   */
  record File(int number, long rows, long left, boolean isMarked) {
    private boolean isMerged() {
      return isMarked || left < rows - left;
    }
  }

  /**
   * Returns the numbers of the files to merge: those of which more than half is deleted, and from
   * the smallest one on those with at most twice the rows that were gathered so far. With at most
   * as many rows, there would be more files of about the same size.
   *
   * @param written rows that the batch writes
   */
  static Set<Integer> of(List<File> files, long written) {
    Set<Integer> merged = new TreeSet<>();
    long gathered = written;
    for (File file : files) {
      if (file.isMerged()) {
        merged.add(file.number());
        gathered += file.left();
      }
    }
    List<File> others =
        files.stream()
            .filter(file -> !file.isMerged())
            .sorted(Comparator.comparingLong(File::left))
            .toList();
    for (File file : others) {
      if (file.left() > 2 * gathered) {
        break;
      }
      merged.add(file.number());
      gathered += file.left();
    }
    return merged;
  }
}
