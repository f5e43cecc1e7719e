package io.sessionize.table;

import io.sessionize.spark.internal.InternalRows;
import io.sessionize.spark.internal.RowDeletes;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.RowDelta;
import org.apache.iceberg.SnapshotUpdate;
import org.apache.iceberg.Table;
import org.apache.iceberg.Transaction;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * A change of some rows of the staging table: rows to add, rows to delete, and files to remove
 * whole.
 *
 * @param added rows with the columns of the staging table among their columns; the rows that remain
 *     of removed files are among them
 * @param columns of these rows
 * @param events number of events in these rows
 * @param files data files, by number
 * @param removed numbers of the files that are removed
 * @param deleted rows of other files: the number of the file and the position in it; null for none
 */
public record StagingDelta(
    InternalRows added,
    StructType columns,
    long events,
    List<FileScanTask> files,
    Set<Integer> removed,
    JavaPairRDD<Integer, Long> deleted) {

  /**
   * Writes the delete files, and returns the commit of all files, which can be made more than once.
   * Iceberg refuses it if one of the changed files is gone.
   *
   * @param written data files of the added rows
   * @param base snapshot that is changed
   */
  Function<Transaction, SnapshotUpdate<?>> update(
      SparkSession spark, Table staging, List<DataFile> written, long base) {
    RowDeletes.Written deletes =
        deleted == null
            ? RowDeletes.Written.of(List.of())
            : new RowDeletes(spark, staging, files).write(deleted);
    List<FileScanTask> gone = removed.stream().map(files::get).toList();
    return transaction -> {
      RowDelta delta = transaction.newRowDelta().validateFromSnapshot(base);
      written.forEach(delta::addRows);
      deletes.added().forEach(delta::addDeletes);
      deletes.replaced().forEach(delta::removeDeletes);
      for (FileScanTask file : gone) {
        delta.removeRows(file.file());
        RowDeletes.ofFileAlone(file).forEach(delta::removeDeletes);
      }
      return delta.validateDataFilesExist(deletes.dataFiles()).validateDeletedFiles();
    };
  }
}
