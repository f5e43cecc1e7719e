package io.sessionize.maintenance;

import java.util.Map;
import org.apache.iceberg.actions.BinPackRewriteFilePlanner;
import org.apache.iceberg.actions.SizeBasedFileRewritePlanner;

/** Sizes of small files that are compacted in steps between two batches. */
enum SmallFiles {
  /** Files of single batches. */
  OF_BATCHES(1 << 20, 5),
  /**
   * Files that a few compactions have written. It takes more of them to start a rewrite, so a row
   * is rewritten only a few times.
   */
  COMPACTED(16 << 20, 10);

  /** Bytes of one step, unless the files that start a rewrite may have more. */
  private static final long STEP_BYTES = 32 << 20;

  private final long bytes;
  private final int files;

  SmallFiles(long bytes, int files) {
    this.bytes = bytes;
    this.files = files;
  }

  /**
   * Returns the most bytes of one step, which takes some seconds. Iceberg splits the files of a day
   * into groups of this size before it counts the files of each group.
   */
  private long stepBytes() {
    return Math.max(STEP_BYTES, files * bytes);
  }

  /**
   * Returns the options of Iceberg's planner that select such files alone. Files with many deleted
   * rows are left: a large one would take long.
   *
   * @param targetBytes size of the files that the table asks for
   */
  Map<String, String> options(long targetBytes) {
    return Map.of(
        SizeBasedFileRewritePlanner.MIN_FILE_SIZE_BYTES,
        Long.toString(Math.min(bytes, targetBytes / 2)),
        SizeBasedFileRewritePlanner.MAX_FILE_SIZE_BYTES,
        Long.toString(Long.MAX_VALUE),
        SizeBasedFileRewritePlanner.MIN_INPUT_FILES,
        Integer.toString(files),
        SizeBasedFileRewritePlanner.MAX_FILE_GROUP_SIZE_BYTES,
        Long.toString(stepBytes()),
        BinPackRewriteFilePlanner.DELETE_RATIO_THRESHOLD,
        "1.0");
  }
}
