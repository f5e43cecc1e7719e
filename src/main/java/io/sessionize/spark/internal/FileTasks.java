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

  /** To open a file costs as much as to read so many bytes of it. */
  private static final long FILE_BYTES = 256L << 10;

  /** Less is not worth a task. */
  private static final long LEAST_TASK_BYTES = 8 * FILE_BYTES;

  private static final int LOOKBACK = 10;

  private FileTasks() {}

  /**
   * Distributes files to tasks. Many small files are read by several tasks, though one could read
   * them.
   *
   * @param inWhole whether no file is split
   * @param parallelism number of tasks that run at the same time
   */
  static List<List<FileScanTask>> of(List<FileScanTask> files, boolean inWhole, int parallelism) {
    long bytes = files.stream().mapToLong(file -> Math.max(file.length(), FILE_BYTES)).sum();
    long ofTask = Math.max(LEAST_TASK_BYTES, Math.min(TASK_BYTES, bytes / parallelism));
    CloseableIterable<FileScanTask> all = CloseableIterable.withNoopClose(files);
    List<List<FileScanTask>> tasks = new ArrayList<>();
    try (CloseableIterable<CombinedScanTask> together =
        TableScanUtil.planTasks(
            inWhole ? all : TableScanUtil.splitFiles(all, TASK_BYTES),
            ofTask,
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
