package io.sessionize.spark.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.IntStream;
import org.apache.iceberg.BaseFileScanTask;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.PartitionSpecParser;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SchemaParser;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.ResidualEvaluator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FileTasksTest {
  private static final PartitionSpec SPEC = PartitionSpec.unpartitioned();

  @ParameterizedTest
  @CsvSource({
    // Opening files takes longer than reading them: both cores do it.
    "160, 13000, true, 2, 2",
    "160, 13000, true, 64, 20",
    // Too few for a second task.
    "8, 13000, true, 2, 1",
    "1, 13000, true, 2, 1",
    "7, 44000000, true, 2, 7",
    "7, 44000000, false, 64, 7",
    // Large files are split.
    "1, 440000000, false, 2, 7",
    "1, 440000000, true, 2, 1",
    "100, 30000000, true, 2, 50"
  })
  void smallFilesAreSharedByTheTasksThatRunTogether(
      int files, long bytes, boolean inWhole, int parallelism, int tasks) {
    List<FileScanTask> all = IntStream.range(0, files).mapToObj(n -> file(n, bytes)).toList();
    List<List<FileScanTask>> planned = FileTasks.of(all, inWhole, parallelism);
    assertEquals(tasks, planned.size());
    List<FileScanTask> read = planned.stream().flatMap(List::stream).toList();
    assertEquals(files * bytes, read.stream().mapToLong(FileScanTask::length).sum());
    assertEquals(
        all.stream().map(task -> task.file().location()).sorted().toList(),
        read.stream().map(task -> task.file().location()).distinct().sorted().toList());
  }

  private static FileScanTask file(int number, long bytes) {
    return new BaseFileScanTask(
        DataFiles.builder(SPEC)
            .withPath("file-" + number + ".parquet")
            .withFileSizeInBytes(bytes)
            .withRecordCount(1)
            .build(),
        new DeleteFile[0],
        SchemaParser.toJson(new Schema()),
        PartitionSpecParser.toJson(SPEC),
        ResidualEvaluator.unpartitioned(Expressions.alwaysTrue()));
  }
}
