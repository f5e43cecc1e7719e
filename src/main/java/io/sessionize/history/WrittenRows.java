package io.sessionize.history;

import static org.apache.spark.sql.functions.lit;

import io.sessionize.row.RowSchemas;
import io.sessionize.row.SessionRows;
import io.sessionize.table.SessionTables;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.StreamSupport;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.SnapshotChanges;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableScan;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.spark.ScanTaskSetManager;
import org.apache.iceberg.spark.SparkReadOptions;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Separates the rows of one snapshot of the sessions table: those in data files that some commits
 * wrote, and those in other files. Rows that were deleted since are in neither. The cost grows with
 * what the commits wrote, not with the table.
 *
 * <p>A commit that replaced whole files (copy-on-write) wrote their unchanged rows too. If a
 * compaction has replaced a file that one of the commits wrote, its result counts as written.
 */
public final class WrittenRows implements AutoCloseable {
  private final SparkSession spark;
  private final String name;
  private final Table table;
  private final RowSchemas schemas;
  private final long snapshot;
  private final Set<String> files = new HashSet<>();
  private final ChangedDays days = new ChangedDays();
  private final List<FileScanTask> written;
  private final List<String> staged = new ArrayList<>();

  /**
   * Finds the data files. Reads only metadata.
   *
   * @param snapshot of the sessions table
   * @param commits consecutive ancestors of the snapshot, the oldest first
   */
  public WrittenRows(
      SparkSession spark, SessionTables tables, long snapshot, List<Commit> commits) {
    this.spark = spark;
    this.name = tables.names().sessions();
    this.table = tables.sessionsTable();
    this.schemas = tables.schemas();
    this.snapshot = snapshot;
    commits.forEach(this::addFilesOf);
    this.written =
        files.isEmpty()
            ? List.of()
            : plan(
                table
                    .newScan()
                    .useSnapshot(snapshot)
                    .includeColumnStats(Set.of(StartTimes.START_MS))
                    .filter(days.filter()),
                this::isWritten);
  }

  private void addFilesOf(Commit commit) {
    SnapshotChanges changes =
        SnapshotChanges.builderFor(table).snapshot(table.snapshot(commit.id())).build();
    Predicate<DataFile> isWritten = file -> true;
    if (commit.movesOnly()) {
      Set<String> moved = new HashSet<>();
      changes.removedDataFiles().forEach(file -> addPartition(file, moved));
      isWritten = file -> moved.contains(partition(file));
    }
    StreamSupport.stream(changes.addedDataFiles().spliterator(), false)
        .filter(isWritten)
        .forEach(
            file -> {
              files.add(file.location());
              days.add(table, file);
            });
  }

  private void addPartition(DataFile file, Set<String> moved) {
    if (files.contains(file.location())) {
      moved.add(partition(file));
    }
  }

  private String partition(DataFile file) {
    return table.specs().get(file.specId()).partitionToPath(file.partition());
  }

  private boolean isWritten(FileScanTask task) {
    return files.contains(task.file().location());
  }

  private static List<FileScanTask> plan(TableScan scan, Predicate<FileScanTask> filter) {
    List<FileScanTask> plan = new ArrayList<>();
    // A residual would need its column, which the reader may not read.
    try (CloseableIterable<FileScanTask> tasks = scan.ignoreResiduals().planFiles()) {
      tasks.forEach(
          task -> {
            if (filter.test(task)) {
              plan.add(task);
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return plan;
  }

  /** Returns when the sessions of the written files start. */
  public StartTimes starts() {
    return StartTimes.of(table, written);
  }

  /** Returns the data files of the staging table at a snapshot. */
  public static List<FileScanTask> filesOfOpen(Table open, long openSnapshot) {
    return plan(
        open.newScan().useSnapshot(openSnapshot).includeColumnStats(Set.of(StartTimes.START_MS)),
        task -> true);
  }

  /** Returns the sessions table. */
  public Table table() {
    return table;
  }

  /** Returns the written files. */
  public List<FileScanTask> files() {
    return List.copyOf(written);
  }

  /**
   * Returns the other files that can hold sessions that start at these times and for which the
   * filter is true.
   */
  public List<FileScanTask> others(StartTimes times, Expression filter) {
    return plan(
        table.newScan().useSnapshot(snapshot).filter(times.filter()).filter(filter),
        task -> !isWritten(task));
  }

  /** Returns the rows of the written files, with the columns of {@link SessionRows}. */
  public Dataset<Row> rows() {
    if (written.isEmpty()) {
      return SessionRows.fit(spark.table(name), schemas.session()).where(lit(false));
    }
    String id = UUID.randomUUID().toString();
    ScanTaskSetManager.get().stageTasks(table, id, List.copyOf(written));
    staged.add(id);
    return SessionRows.fit(
        spark.read().option(SparkReadOptions.SCAN_TASK_SET_ID, id).table(name), schemas.session());
  }

  /** Releases the scan tasks. The rows cannot be read after this. */
  @Override
  public void close() {
    staged.forEach(id -> ScanTaskSetManager.get().removeTasks(table, id));
  }
}
