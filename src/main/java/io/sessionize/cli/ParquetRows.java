package io.sessionize.cli;

import io.sessionize.Failure;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Writes rows as one Parquet file. Spark writes a folder of files. */
final class ParquetRows {
  private static final String TIMESTAMPS = "spark.sql.parquet.outputTimestampType";

  private ParquetRows() {}

  /**
   * Replaces a file atomically. Runs a Spark job, and one that reads the number of rows from the
   * file's footer.
   *
   * @return the number of rows
   * @throws Failure of usage on a cluster, whose executors do not have this machine's folders
   */
  static long write(Dataset<Row> rows, Path file) throws IOException {
    if (!rows.sparkSession().sparkContext().isLocal()) {
      throw Failure.usage(
          "--output %s needs --master local: on a cluster, the executors would write it. Use .jsonl"
              + " or .csv.",
          file);
    }
    // Spark's default is INT96, which other engines have given up.
    rows.sparkSession().conf().set(TIMESTAMPS, "TIMESTAMP_MICROS");
    Path target = file.toAbsolutePath();
    Path folder =
        Files.createDirectory(
            OutputFile.temporary(target),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    try {
      Path parts = folder.resolve("rows");
      rows.coalesce(1).write().parquet(parts.toUri().toString());
      try (DirectoryStream<Path> part = Files.newDirectoryStream(parts, "part-*.parquet")) {
        long count = rows.sparkSession().read().parquet(parts.toUri().toString()).count();
        Files.move(
            part.iterator().next(),
            target,
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
        return count;
      }
    } finally {
      FileUtils.deleteDirectory(folder.toFile());
    }
  }
}
