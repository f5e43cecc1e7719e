package io.sessionize.spark;

import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Chooses the files of staging that a batch merges into those that it writes. The files of one
 * commit, which are several if it had many events, are merged together. So files are left of about
 * as many commits as the number of rows has binary digits, and each row is written again about as
 * often, however many batches there are: the logarithmic method.
 */
final class MergedFiles {
  private MergedFiles() {}

  /**
   * A data file of staging.
   *
   * @param number of the file
   * @param commit number of the commit that wrote it
   * @param rows that it was written with
   * @param left rows that are left after the batch
   * @param isMarked whether to merge it in any case
   */
  record File(int number, long commit, long rows, long left, boolean isMarked) {
    private boolean isMerged() {
      return isMarked || left < rows - left;
    }
  }

  /**
   * Returns the numbers of the files to merge: those of which more than half is deleted, and from
   * the smallest commit on those of commits with at most twice the rows that were gathered so far.
   * With at most as many rows, there would be more files of about the same size.
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
    List<List<File>> commits =
        files.stream()
            .filter(file -> !file.isMerged())
            .collect(Collectors.groupingBy(File::commit))
            .values()
            .stream()
            .sorted(Comparator.comparingLong(MergedFiles::left))
            .toList();
    for (List<File> commit : commits) {
      if (left(commit) > 2 * gathered) {
        break;
      }
      commit.forEach(file -> merged.add(file.number()));
      gathered += left(commit);
    }
    return merged;
  }

  private static long left(List<File> files) {
    return files.stream().mapToLong(File::left).sum();
  }
}
