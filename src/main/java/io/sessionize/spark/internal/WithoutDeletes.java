package io.sessionize.spark.internal;

import java.util.List;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.expressions.Expression;

/** A data file, or a part of one, with all its rows, deleted ones included. */
record WithoutDeletes(FileScanTask task) implements FileScanTask {
  @Override
  public DataFile file() {
    return task.file();
  }

  @Override
  public List<DeleteFile> deletes() {
    return List.of();
  }

  @Override
  public PartitionSpec spec() {
    return task.spec();
  }

  @Override
  public long start() {
    return task.start();
  }

  @Override
  public long length() {
    return task.length();
  }

  @Override
  public Expression residual() {
    return task.residual();
  }

  @Override
  public Iterable<FileScanTask> split(long size) {
    throw new UnsupportedOperationException();
  }
}
