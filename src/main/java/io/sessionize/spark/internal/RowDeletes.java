package io.sessionize.spark.internal;

import io.sessionize.row.OutcomeRows;
import io.sessionize.row.SessionRows;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.deletes.DeleteGranularity;
import org.apache.iceberg.deletes.PositionDelete;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.io.DeleteWriteResult;
import org.apache.iceberg.io.FanoutPositionOnlyDeleteWriter;
import org.apache.iceberg.io.OutputFileFactory;
import org.apache.iceberg.io.PartitioningDVWriter;
import org.apache.iceberg.io.PartitioningWriter;
import org.apache.iceberg.spark.source.SerializableTableWithSize;
import org.apache.iceberg.util.ContentFileUtil;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.roaringbitmap.longlong.Roaring64Bitmap;
import scala.Tuple2;

/**
 * Writes delete files for the stored rows that outcomes replace: position deletes, or deletion
 * vectors if the table's format version asks for them. No data file is searched.
 */
public final class RowDeletes implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int VERSION_OF_VECTORS = 3;

  private final Broadcast<Table> table;
  private final Broadcast<List<FileScanTask>> files;

  /**
   * The delete files that one task has written.
   *
   * @param added new delete files
   * @param replaced delete files whose deletes the new ones repeat
   * @param dataFiles locations of the data files whose rows they delete
   */
  public record Written(List<DeleteFile> added, List<DeleteFile> replaced, List<String> dataFiles)
      implements Serializable {

    /** All of them together. */
    public static Written of(List<Written> all) {
      Written sum = new Written(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
      for (Written one : all) {
        sum.added.addAll(one.added);
        sum.replaced.addAll(one.replaced);
        sum.dataFiles.addAll(one.dataFiles);
      }
      return sum;
    }
  }

  /**
   * @param files data files, by the number that outcomes have stored
   */
  public RowDeletes(SparkSession spark, Table table, List<FileScanTask> files) {
    JavaSparkContext context = new JavaSparkContext(spark.sparkContext());
    this.table = context.broadcast(SerializableTableWithSize.copyOf(table));
    this.files = context.broadcast(new ArrayList<>(files));
  }

  /**
   * Writes the delete files. Runs a Spark job. The result has one entry for each data file with a
   * replaced row.
   *
   * @param outcomes rows of {@link OutcomeRows#OUTCOME} that change or remove a row
   */
  public Written write(InternalRows outcomes) {
    return write(outcomes.rdd().flatMapToPair(outcome -> storedAt(outcome).iterator()));
  }

  /**
   * Writes the delete files. Runs a Spark job. The result has one entry for each data file with a
   * deleted row.
   *
   * @param rows to delete, each as the number of its file and the position in it
   */
  public Written write(JavaPairRDD<Integer, Long> rows) {
    return Written.of(
        rows.aggregateByKey(new Roaring64Bitmap(), RowDeletes::add, RowDeletes::or)
            .map(positions -> write(files.value().get(positions._1), positions._2))
            .collect());
  }

  private static Stream<Tuple2<Integer, Long>> storedAt(InternalRow outcome) {
    ArrayData all = outcome.getArray(OutcomeRows.STORED_AT);
    return IntStream.range(0, all.numElements())
        .mapToObj(i -> all.getStruct(i, OutcomeRows.STORED.length()))
        .map(stored -> new Tuple2<>(stored.getInt(0), stored.getLong(1)));
  }

  static Roaring64Bitmap add(Roaring64Bitmap positions, Long position) {
    positions.addLong(position);
    return positions;
  }

  static Roaring64Bitmap or(Roaring64Bitmap positions, Roaring64Bitmap others) {
    positions.or(others);
    return positions;
  }

  private Written write(FileScanTask file, Roaring64Bitmap positions) throws IOException {
    Table of = table.value();
    boolean vectors = TableUtil.formatVersion(of) >= VERSION_OF_VECTORS;
    PartitionSpec spec = of.specs().get(file.file().specId());
    PositionDelete<InternalRow> delete = PositionDelete.create();
    PartitioningWriter<PositionDelete<InternalRow>, DeleteWriteResult> writer =
        writer(of, spec, vectors, previous(of, file, vectors));
    try (writer) {
      for (var position = positions.getLongIterator(); position.hasNext(); ) {
        writer.write(
            delete.set(file.file().location(), position.next()), spec, file.file().partition());
      }
    }
    DeleteWriteResult result = writer.result();
    return new Written(
        new ArrayList<>(result.deleteFiles()),
        new ArrayList<>(result.rewrittenDeleteFiles()),
        List.of(file.file().location()));
  }

  /** The delete files of a data file that delete rows of no other file, by position. */
  public static List<DeleteFile> ofFileAlone(FileScanTask file) {
    return file.deletes().stream()
        .filter(
            deletes ->
                deletes.content() == FileContent.POSITION_DELETES
                    && ContentFileUtil.isFileScoped(deletes))
        .toList();
  }

  /** The deletes of a data file that its new delete file repeats; null if there are none. */
  private static PositionDeleteIndex previous(Table of, FileScanTask file, boolean vectors) {
    List<DeleteFile> repeated =
        file.deletes().stream()
            .filter(
                deletes ->
                    vectors
                        ? deletes.content() == FileContent.POSITION_DELETES
                        : ContentFileUtil.isFileScoped(deletes))
            .toList();
    return repeated.isEmpty() ? null : DeletedPositions.load(of, repeated, file.file().location());
  }

  private static PartitioningWriter<PositionDelete<InternalRow>, DeleteWriteResult> writer(
      Table of, PartitionSpec spec, boolean vectors, PositionDeleteIndex previous) {
    RowFiles deletes = new RowFiles(of, SessionRows.SESSION);
    TaskContext task = TaskContext.get();
    OutputFileFactory names =
        OutputFileFactory.builderFor(of, task.partitionId(), task.taskAttemptId())
            .defaultSpec(spec)
            .format(vectors ? FileFormat.PUFFIN : deletes.deleteFormat())
            .suffix("deletes")
            .build();
    if (vectors) {
      return new PartitioningDVWriter<>(names, path -> previous);
    }
    DeleteGranularity granularity =
        DeleteGranularity.fromString(
            of.properties()
                .getOrDefault(
                    TableProperties.DELETE_GRANULARITY, DeleteGranularity.FILE.toString()));
    return new FanoutPositionOnlyDeleteWriter<>(
        deletes, names, of.io(), Long.MAX_VALUE, granularity, path -> previous);
  }
}
