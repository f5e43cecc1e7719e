package io.sessionize.spark.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.CombinedScanTask;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.TableScan;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.util.TableScanUtil;

/** The data files that each task of a Spark job reads. */
final class FileTasks {
  /** Bytes of the files that a task reads. The key columns are a tenth of them. */
  private static final long TASK_BYTES = 64L << 20;

  private static final long FILE_BYTES = 256L << 10;
  private static final int LOOKBACK = 10;

  private FileTasks() {}

  /**
   * Distributes files to tasks.
   *
   * @param files closed by this method
   * @param inWhole whether no file is split
   */
  static List<List<FileScanTask>> of(CloseableIterable<FileScanTask> files, boolean inWhole) {
    List<List<FileScanTask>> tasks = new ArrayList<>();
    try (CloseableIterable<CombinedScanTask> together =
        TableScanUtil.planTasks(
            inWhole ? files : TableScanUtil.splitFiles(files, TASK_BYTES),
            TASK_BYTES,
            LOOKBACK,
            FILE_BYTES)) {
      together.forEach(task -> tasks.add(List.copyOf(task.files())));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return tasks;
  }

  /** The data files of a scan. */
  static List<FileScanTask> planned(TableScan scan) {
    try (CloseableIterable<FileScanTask> planned = scan.planFiles()) {
      List<FileScanTask> all = new ArrayList<>();
      planned.forEach(all::add);
      return all;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
