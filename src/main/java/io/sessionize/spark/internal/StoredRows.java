package io.sessionize.spark.internal;

import io.sessionize.row.KnownRows;
import io.sessionize.row.Micros;
import io.sessionize.row.RowSchemas;
import io.sessionize.row.SessionRows;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Spliterators;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.spark.source.SerializableTableWithSize;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.TaskCompletionListener;
import org.roaringbitmap.longlong.Roaring64Bitmap;
import scala.Function0;
import scala.Tuple2;

/**
 * Reads rows of a table at a snapshot with Iceberg's own readers, in Spark tasks but without a SQL
 * plan: a cold process spends seconds on the plan and the code of a scan. Files are planned at
 * once, rows are read lazily.
 *
 * <p>Keeps the data files that it has planned, which are numbered: the driver holds the metadata of
 * each file, as in every Iceberg scan.
 */
public final class StoredRows {
  private final JavaSparkContext context;
  private final Table table;
  private final long snapshot;
  private final RowSchemas schemas;
  private final Broadcast<Table> shared;
  private final List<FileScanTask> files = new ArrayList<>();
  private final Map<String, Integer> numbers = new HashMap<>();

  /**
   * @param schemas columns of the rows to read; the table has all of them
   */
  public StoredRows(SparkSession spark, Table table, long snapshot, RowSchemas schemas) {
    this.context = new JavaSparkContext(spark.sparkContext());
    this.table = table;
    this.snapshot = snapshot;
    this.schemas = schemas;
    this.shared = context.broadcast(SerializableTableWithSize.copyOf(table));
  }

  /** The data files that were planned so far, by number. A call for rows plans their files. */
  public List<FileScanTask> files() {
    return List.copyOf(files);
  }

  /**
   * The keys of rows. Rows without user, start or end are left out.
   *
   * @param filter leaves out files and row groups that hold no row for which it is true
   * @param users whose rows are returned, and possibly others'; null for all
   */
  public JavaRDD<RowKey> keys(Expression filter, Broadcast<SearchedUsers> users) {
    return keys(filter, users, KnownRows.KEY);
  }

  /** The keys of all rows of the staging table that have a user, a start and an end. */
  public JavaRDD<RowKey> stagedKeys() {
    return keys(Expressions.alwaysTrue(), null, KnownRows.STAGED_KEY);
  }

  private JavaRDD<RowKey> keys(
      Expression filter, Broadcast<SearchedUsers> users, StructType columns) {
    StoredFileReader reader = new StoredFileReader(shared, columns);
    boolean few = users != null && users.value().areFew();
    Expression ofUsers = few ? Expressions.and(filter, users.value().rows()) : filter;
    return tasks(ofUsers, few)
        .mapPartitions(
            files ->
                inTask(
                    streamOf(files)
                        .map(
                            file ->
                                CloseableIterable.transform(
                                    CloseableIterable.filter(
                                        reader.open(
                                            file,
                                            filter,
                                            few ? users.value()::rowsToRead : null,
                                            ofUsers),
                                        row -> isOf(users, row)),
                                    row -> RowKey.of(row, columns, file.number())))));
  }

  private static boolean isOf(Broadcast<SearchedUsers> users, InternalRow row) {
    return RowKey.isIn(row)
        && (users == null || users.value().contain(row.getUTF8String(KnownRows.KEY_UUID)));
  }

  /** All rows of the sessions table: rows of {@link KnownRows}. */
  public InternalRows all() {
    return all(true);
  }

  /**
   * The rows of the sessions table that start on these UTC days, both included: rows of {@link
   * KnownRows}.
   */
  public InternalRows startingOn(LocalDate from, LocalDate to) {
    long begin = Micros.ofDay(from.toEpochDay());
    long end = Micros.ofDay(to.plusDays(1).toEpochDay());
    Expression within =
        Expressions.and(
            Expressions.greaterThanOrEqual("session_start", begin),
            Expressions.lessThan("session_start", end));
    return rowsOf(tasks(within), true)
        .where(
            row ->
                !row.isNullAt(SessionRows.START)
                    && row.getLong(SessionRows.START) >= begin
                    && row.getLong(SessionRows.START) < end);
  }

  /** All rows of the staging table: rows of {@link KnownRows} without file. */
  public InternalRows staged() {
    return all(false);
  }

  private InternalRows all(boolean located) {
    return rowsOf(tasks(Expressions.alwaysTrue()), located);
  }

  private InternalRows rowsOf(JavaRDD<StoredFile> all, boolean located) {
    RowSchemas columns = schemas;
    StoredFileReader reader = new StoredFileReader(shared, schemas.session());
    return new InternalRows(
        all.mapPartitions(
            some -> {
              KnownRowWriter writer = new KnownRowWriter(columns);
              return inTask(
                  streamOf(some)
                      .map(
                          file ->
                              CloseableIterable.transform(
                                  reader.open(file, Expressions.alwaysTrue()),
                                  row -> writer.write(row, located ? file.number() : null))));
            }));
  }

  /** The rows with these keys: rows of {@link KnownRows}. Reads the row groups that hold one. */
  public InternalRows of(JavaRDD<RowKey> keys) {
    Broadcast<List<FileScanTask>> planned = context.broadcast(new ArrayList<>(files));
    return rowsAt(
        keys.mapToPair(key -> new Tuple2<>(key.file(), key.position()))
            .aggregateByKey(new Roaring64Bitmap(), RowDeletes::add, RowDeletes::or)
            .map(
                rows ->
                    new Tuple2<>(new StoredFile(rows._1, planned.value().get(rows._1)), rows._2)));
  }

  /** The rows with these keys, which are few: as {@link #of(JavaRDD)}, without a shuffle. */
  public InternalRows of(List<RowKey> keys) {
    Map<Integer, Roaring64Bitmap> ofFiles = new TreeMap<>();
    keys.forEach(
        key ->
            ofFiles
                .computeIfAbsent(key.file(), file -> new Roaring64Bitmap())
                .addLong(key.position()));
    List<Tuple2<StoredFile, Roaring64Bitmap>> hits = new ArrayList<>();
    ofFiles.forEach(
        (file, rows) -> hits.add(new Tuple2<>(new StoredFile(file, files.get(file)), rows)));
    return rowsAt(hits.isEmpty() ? context.emptyRDD() : inTasks(hits));
  }

  private InternalRows rowsAt(JavaRDD<Tuple2<StoredFile, Roaring64Bitmap>> hits) {
    RowSchemas columns = schemas;
    StoredFileReader reader = new StoredFileReader(shared, schemas.session());
    return new InternalRows(
        hits.mapPartitions(
            some -> {
              KnownRowWriter writer = new KnownRowWriter(columns);
              return inTask(streamOf(some).map(rows -> rowsAt(reader, rows._1, rows._2, writer)));
            }));
  }

  private static CloseableIterable<InternalRow> rowsAt(
      StoredFileReader reader, StoredFile file, Roaring64Bitmap positions, KnownRowWriter writer) {
    // No more than the rows of one file.
    long[] sorted = positions.toArray();
    return CloseableIterable.transform(
        CloseableIterable.filter(
            reader.open(file, Expressions.alwaysTrue(), group -> group.rowsUpToLastOf(sorted)),
            row -> positions.contains(row.getLong(reader.positionIndex()))),
        row -> writer.write(row, file.number()));
  }

  /**
   * The rows that this snapshot has and another one has not: rows of {@link KnownRows}. A row that
   * another writer moved to another file, or deleted by a condition, is one of them. Reads the
   * files that only this snapshot has, and from files with other deletes the row groups that hold a
   * deleted row.
   *
   * @param other null for a snapshot without rows
   * @param filter true for all rows that may differ
   */
  public InternalRows notIn(Long other, Expression filter) {
    Map<String, FileScanTask> there = new HashMap<>();
    if (other != null) {
      scan(other, filter).forEach(task -> there.put(task.file().location(), task));
    }
    List<StoredFile> whole = new ArrayList<>();
    List<Tuple2<StoredFile, FileScanTask>> deleted = new ArrayList<>();
    for (FileScanTask task : scan(snapshot, filter)) {
      FileScanTask same = there.get(task.file().location());
      StoredFile here = stored(keep(task));
      if (same == null || DeletedPositions.areUnknown(task, same)) {
        whole.add(here);
      } else if (DeletedPositions.differ(task, same)) {
        deleted.add(new Tuple2<>(here, same));
      }
    }
    return rowsOf(inTasks(whole), true).and(of(deletedRows(inTasks(deleted))));
  }

  private List<FileScanTask> scan(long of, Expression filter) {
    return FileTasks.planned(table.newScan().useSnapshot(of).filter(filter));
  }

  private <T> JavaRDD<T> inTasks(List<T> files) {
    return context.parallelize(
        files, Math.max(1, Math.min(files.size(), 2 * context.defaultParallelism())));
  }

  private JavaRDD<RowKey> deletedRows(JavaRDD<Tuple2<StoredFile, FileScanTask>> files) {
    StoredFileReader reader = new StoredFileReader(shared, KnownRows.KEY);
    Broadcast<Table> of = shared;
    return files.mapPartitions(
        some ->
            inTask(
                streamOf(some)
                    .map(
                        file -> {
                          DeletedPositions there = DeletedPositions.of(of.value(), file._2);
                          long[] sorted = there.sorted();
                          return CloseableIterable.transform(
                              CloseableIterable.filter(
                                  reader.open(
                                      file._1,
                                      Expressions.alwaysTrue(),
                                      group -> group.rowsUpToLastOf(sorted)),
                                  row -> there.contains(row.getLong(KnownRows.KEY.length()))),
                              row -> RowKey.of(row, KnownRows.KEY, file._1.number()));
                        })));
  }

  static <T> Stream<T> streamOf(Iterator<T> some) {
    return StreamSupport.stream(Spliterators.spliteratorUnknownSize(some, 0), false);
  }

  /** The rows of files, which are opened one after the other. Reports the bytes read to Spark. */
  static <T> Iterator<T> inTask(Stream<CloseableIterable<T>> files) {
    Function0<Object> bytesRead = SparkHadoopUtil.get().getFSBytesReadOnThreadCallback();
    CloseableIterable<T> rows = CloseableIterable.concat(files::iterator);
    TaskContext.get()
        .addTaskCompletionListener(
            (TaskCompletionListener)
                task -> {
                  close(rows);
                  task.taskMetrics().inputMetrics().incBytesRead((long) bytesRead.apply());
                });
    return rows.iterator();
  }

  private static void close(Closeable rows) {
    try {
      rows.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private JavaRDD<StoredFile> tasks(Expression filter) {
    return tasks(filter, false);
  }

  /**
   * @param inWhole whether no file is split: where a task reads some row groups, each part would
   *     read the whole footer
   */
  private JavaRDD<StoredFile> tasks(Expression filter, boolean inWhole) {
    List<FileScanTask> numbered = scan(snapshot, filter).stream().map(this::keep).toList();
    List<List<StoredFile>> tasks = new ArrayList<>();
    FileTasks.of(numbered, inWhole, context.defaultParallelism())
        .forEach(files -> tasks.add(files.stream().map(this::stored).toList()));
    return context.parallelize(tasks, Math.max(1, tasks.size())).flatMap(List::iterator);
  }

  private FileScanTask keep(FileScanTask task) {
    numbers.computeIfAbsent(
        task.file().location(),
        location -> {
          files.add(task);
          return files.size() - 1;
        });
    return task;
  }

  private StoredFile stored(FileScanTask task) {
    return new StoredFile(numbers.get(task.file().location()), task);
  }
}
