package io.sessionize.maintenance;

import java.util.Map;
import org.apache.iceberg.actions.BinPackRewriteFilePlanner;
import org.apache.iceberg.actions.SizeBasedFileRewritePlanner;

/** Sizes of small files that are compacted in steps between two batches. */
enum SmallFiles {
  /** Files of single batches. */
  OF_BATCHES(1 << 20, 5),
  /** Files of a few compactions. More of them, so that a row is rewritten only a few times. */
  COMPACTED(16 << 20, 10);

  /** The most bytes of one step, which then takes some seconds. */
  static final long STEP_BYTES = 32 << 20;

  private final long bytes;
  private final int files;

  SmallFiles(long bytes, int files) {
    this.bytes = bytes;
    this.files = files;
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
        Long.toString(STEP_BYTES),
        BinPackRewriteFilePlanner.DELETE_RATIO_THRESHOLD,
        "1.0");
  }
}
