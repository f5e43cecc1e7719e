package io.sessionize.spark.internal;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.InputFile;
import org.apache.spark.sql.catalyst.InternalRow;

/** Some row groups of a Parquet file, presented as a file that has no others. */
final class ChosenRowGroups {
  private static final String USER = "uuid";

  private final InputFile file;
  private final List<ParquetFooter.RowGroup> groups;

  private ChosenRowGroups(InputFile file, List<ParquetFooter.RowGroup> groups) {
    this.file = file;
    this.groups = groups;
  }

  /**
   * Chooses row groups of a file, or of the part of it that a task reads. Returns nothing for a
   * file that is read as any other: an encrypted one, one that is not of Parquet, and one with a
   * single row group.
   *
   * @param schema of the table
   * @param wanted the number of rows of a row group, from its first on, that are read; null for all
   */
  static Optional<ChosenRowGroups> of(
      StoredFile stored,
      InputFile file,
      Schema schema,
      ToLongFunction<ParquetFooter.RowGroup> wanted) {
    FileScanTask task = stored.task();
    List<Long> offsets = task.file().splitOffsets();
    boolean isPart = task.length() < task.file().fileSizeInBytes();
    if (task.file().format() != FileFormat.PARQUET
        || task.file().keyMetadata() != null
        || (offsets != null && offsets.size() == 1)
        || (wanted == null && !isPart)) {
      return Optional.empty();
    }
    return ParquetFooter.of(file, schema.findField(USER).fieldId())
        .filter(footer -> footer.rows() == task.file().recordCount())
        .map(
            footer -> {
              List<ParquetFooter.RowGroup> chosen =
                  footer.rowGroups().stream()
                      .filter(group -> isIn(task, group))
                      .map(group -> wanted == null ? group : group.first(wanted.applyAsLong(group)))
                      .filter(group -> group.rows() > 0)
                      .toList();
              return new ChosenRowGroups(footer.file(file, chosen), chosen);
            });
  }

  private static boolean isIn(FileScanTask task, ParquetFooter.RowGroup group) {
    List<Long> offsets = task.file().splitOffsets();
    // The first part may begin behind the first row group: it begins at the first offset recorded.
    boolean isFirst = offsets != null && !offsets.isEmpty() && task.start() == offsets.get(0);
    long from = isFirst ? 0 : task.start();
    return group.start() >= from && group.start() < task.start() + task.length();
  }

  boolean isEmpty() {
    return groups.isEmpty();
  }

  int count() {
    return groups.size();
  }

  InputFile file() {
    return file;
  }

  /**
   * The rows with their positions in the whole file.
   *
   * @param rows as they are read, with their positions in {@link #file()}
   * @param index of the position in a row
   */
  CloseableIterable<InternalRow> located(CloseableIterable<InternalRow> rows, int index) {
    return CloseableIterable.transform(
        rows,
        new Function<>() {
          private int current;
          private long before;

          @Override
          public InternalRow apply(InternalRow row) {
            long position = row.getLong(index);
            if (position < before) {
              // Another iterator begins.
              current = 0;
              before = 0;
            }
            while (position >= before + groups.get(current).rows()) {
              before += groups.get(current++).rows();
            }
            row.setLong(index, groups.get(current).firstRow() + position - before);
            return row;
          }
        });
  }
}
