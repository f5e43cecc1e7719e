package io.sessionize.spark.internal;

import io.sessionize.row.Micros;
import io.sessionize.row.SessionRows;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.io.ClusteredDataWriter;
import org.apache.iceberg.io.DataWriteResult;
import org.apache.iceberg.io.FanoutDataWriter;
import org.apache.iceberg.io.OutputFileFactory;
import org.apache.iceberg.io.PartitioningWriter;
import org.apache.iceberg.spark.source.SerializableTableWithSize;
import org.apache.iceberg.util.PropertyUtil;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.ProjectingInternalRow;
import org.apache.spark.sql.types.StructType;
import scala.collection.JavaConverters;

/**
 * Writes rows to new data files of a table in Spark tasks, with Iceberg's own writers, but without
 * a SQL plan. The files belong to the table when the caller commits them. If a task or the commit
 * fails, they stay until maintenance removes orphan files.
 */
public final class TableWriter implements Serializable {
  private static final long serialVersionUID = 1L;

  private final Broadcast<Table> table;
  private final StructType written;
  private final String operation = UUID.randomUUID().toString();

  /**
   * @param written columns of the table; its other columns are null
   */
  public TableWriter(SparkSession spark, Table table, StructType written) {
    this.table =
        new JavaSparkContext(spark.sparkContext())
            .broadcast(SerializableTableWithSize.copyOf(table));
    this.written = written;
  }

  /**
   * Writes rows, each task its own files. Runs a Spark job. The result has a file for each task and
   * partition of the table, or more if files get larger than the table's target size.
   *
   * @param rows with the written columns first, or among the others
   * @param columns all columns of the rows
   */
  public List<DataFile> write(InternalRows rows, StructType columns) {
    return rows.rdd().mapPartitions(some -> write(some, columns, false)).collect();
  }

  /**
   * Writes rows as {@link #write}, sorted by the end of the session, in small row groups. So the
   * sessions that close next are near each other.
   *
   * @param columns those of a session are the first ones
   */
  public List<DataFile> writeByEnd(InternalRows rows, StructType columns) {
    return rows.rdd().mapPartitions(some -> write(some, columns, true)).collect();
  }

  private Iterator<DataFile> write(Iterator<InternalRow> rows, StructType columns, boolean byEnd)
      throws IOException {
    Table to = table.value();
    PartitionSpec spec = to.spec();
    // A user may have partitioned staging: rows in the order of their ends are not in that of days.
    boolean byDay = !byEnd && isByDay(spec);
    PartitioningWriter<InternalRow, DataWriteResult> writer =
        writer(to, byDay || spec.isUnpartitioned(), byEnd);
    LargestRow largest = new LargestRow();
    boolean holdsSessions = written.fieldNames()[SessionRows.UUID].equals("uuid");
    try (writer) {
      PartitionKey partition = new PartitionKey(spec, to.schema());
      ColumnsOfRow shown = new ColumnsOfRow(to.schema().asStruct(), columns);
      Iterator<InternalRow> ordered = byDay || byEnd ? ordered(rows, columns, byEnd) : rows;
      ProjectingInternalRow chosen = chosen(columns);
      while (ordered.hasNext()) {
        InternalRow row = ordered.next();
        if (holdsSessions) {
          largest.met(row, UserRows.bytes(row));
        }
        partition.partition(shown.of(row));
        if (chosen == null) {
          writer.write(row, spec, partition);
        } else {
          chosen.project(row);
          writer.write(chosen, spec, partition);
        }
      }
    } catch (OutOfMemoryError e) {
      largest.throwIfLarge(e);
      throw e;
    }
    return new ArrayList<>(writer.result().dataFiles()).iterator();
  }

  /** The written columns of a row; null if they are its first ones. */
  private ProjectingInternalRow chosen(StructType columns) {
    boolean areFirst =
        Arrays.equals(written.fieldNames(), Arrays.copyOf(columns.fieldNames(), written.length()));
    if (areFirst) {
      return null;
    }
    List<Object> positions = new ArrayList<>();
    for (String name : written.fieldNames()) {
      positions.add(columns.fieldIndex(name));
    }
    return new ProjectingInternalRow(
        written, JavaConverters.asScalaBuffer(positions).toIndexedSeq());
  }

  /** Whether a task can write one file after the other. */
  private static boolean isByDay(PartitionSpec spec) {
    return spec.fields().size() == 1
        && spec.fields().get(0).transform().toString().equals("day")
        && "session_start".equals(spec.schema().findColumnName(spec.fields().get(0).sourceId()));
  }

  /**
   * Orders rows by day, so that one file is open at a time, and by user, so that a look-up reads
   * few row groups; or by end.
   */
  private static Iterator<InternalRow> ordered(
      Iterator<InternalRow> rows, StructType columns, boolean byEnd) {
    return SortedRows.byUser(
        rows,
        columns,
        byEnd
            ? row -> row.isNullAt(SessionRows.END_MS) ? 0 : row.getLong(SessionRows.END_MS)
            : row -> Micros.day(row.getLong(SessionRows.START)));
  }

  private PartitioningWriter<InternalRow, DataWriteResult> writer(
      Table to, boolean oneByOne, boolean smallRowGroups) {
    RowFiles files = new RowFiles(to, written, smallRowGroups);
    TaskContext task = TaskContext.get();
    OutputFileFactory names =
        OutputFileFactory.builderFor(to, task.partitionId(), task.taskAttemptId())
            .format(files.format())
            .operationId(operation)
            .build();
    long target =
        PropertyUtil.propertyAsLong(
            to.properties(),
            TableProperties.WRITE_TARGET_FILE_SIZE_BYTES,
            TableProperties.WRITE_TARGET_FILE_SIZE_BYTES_DEFAULT);
    return oneByOne
        ? new ClusteredDataWriter<>(files, names, to.io(), target)
        : new FanoutDataWriter<>(files, names, to.io(), target);
  }
}
