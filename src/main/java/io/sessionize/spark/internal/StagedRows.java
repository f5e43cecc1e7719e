package io.sessionize.spark.internal;

import io.sessionize.row.KnownRows;
import io.sessionize.row.RowSchemas;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.spark.source.SerializableTableWithSize;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.sketch.BloomFilter;
import org.roaringbitmap.longlong.Roaring64Bitmap;
import scala.Tuple2;

/**
 * Finds and reads single rows of the staging table at a snapshot. Its files are planned at once;
 * rows are read lazily. Rows without user, start or end, which an external statement has made, are
 * not found.
 */
public final class StagedRows {
  private final JavaSparkContext context;
  private final RowSchemas schemas;
  private final Broadcast<Table> shared;
  private final List<FileScanTask> files = new ArrayList<>();

  /**
   * @param schemas columns of the rows to read; the table has all of them
   */
  public StagedRows(SparkSession spark, Table table, long snapshot, RowSchemas schemas) {
    this.context = new JavaSparkContext(spark.sparkContext());
    this.schemas = schemas;
    this.shared = context.broadcast(SerializableTableWithSize.copyOf(table));
    try (CloseableIterable<FileScanTask> planned =
        table.newScan().useSnapshot(snapshot).planFiles()) {
      planned.forEach(files::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The data files, by number. */
  public List<FileScanTask> files() {
    return List.copyOf(files);
  }

  /** Whether rows are deleted by their values, so that their positions are not known. */
  public boolean hasDeletesByValue() {
    return files.stream().anyMatch(DeletedPositions::isByValue);
  }

  /**
   * The files, each as a whole: its keys are read once and kept, and Iceberg would split it at each
   * row group.
   */
  private JavaRDD<StoredFile> inTasks() {
    List<StoredFile> all = new ArrayList<>();
    for (FileScanTask file : files) {
      all.add(new StoredFile(all.size(), file));
    }
    return context.parallelize(
        all, Math.max(1, Math.min(all.size(), 2 * context.defaultParallelism())));
  }

  /**
   * Looks at the keys of all rows. Runs a Spark job.
   *
   * @param users hashes of the users with an event in the batch, and possibly others
   * @param empty a filter without a user, of the same size as {@code users}
   * @param closedBeforeMs a session that ends before this time closes, epoch milliseconds
   */
  public StagedScan scan(Broadcast<BloomFilter> users, BloomFilter empty, long closedBeforeMs) {
    StoredFileReader reader = new StoredFileReader(shared, KnownRows.STAGED_KEY);
    Broadcast<Table> table = shared;
    return inTasks()
        .mapPartitions(
            some -> {
              StagedScan scan = new StagedScan(empty, users.value(), closedBeforeMs);
              some.forEachRemaining(
                  file ->
                      StagedKeys.of(reader, file)
                          .forEach(
                              DeletedPositions.cached(table.value(), file.task()),
                              (position, user, endMs, isPublished) ->
                                  scan.add(user, endMs, isPublished)));
              return List.of(scan).iterator();
            })
        // A filter may have nearly a megabyte.
        .treeReduce(StagedScan::add);
  }

  /**
   * The keys of the rows of some users. They have the user and the start of published sessions
   * only.
   *
   * @param users hashes of the users whose rows are returned, and possibly others
   */
  public JavaRDD<RowKey> keys(Broadcast<BloomFilter> users) {
    StoredFileReader reader = new StoredFileReader(shared, KnownRows.STAGED_KEY);
    Broadcast<Table> table = shared;
    return inTasks()
        .flatMap(
            file -> {
              List<RowKey> found = new ArrayList<>();
              StagedKeys keys = StagedKeys.of(reader, file);
              keys.forEach(
                  DeletedPositions.cached(table.value(), file.task()),
                  (position, user, endMs, isPublished) -> {
                    if (users.value().mightContainLong(user)) {
                      found.add(keys.key(position, file.number()));
                    }
                  });
              return found.iterator();
            });
  }

  /**
   * The rows with these keys: rows of {@link KnownRows} without file. Reads only the row groups
   * that hold one of them, in files that are sorted by end.
   */
  public InternalRows of(JavaRDD<RowKey> keys) {
    RowSchemas columns = schemas;
    StoredFileReader reader = new StoredFileReader(shared, schemas.session());
    Broadcast<List<FileScanTask>> planned = context.broadcast(new ArrayList<>(files));
    return new InternalRows(
        keys.mapToPair(key -> new Tuple2<>(key.file(), key))
            .aggregateByKey(new StagedHits(), StagedHits::add, StagedHits::add)
            .mapPartitions(
                hits -> {
                  KnownRowWriter writer = new KnownRowWriter(columns);
                  return StoredRows.inTask(
                      StoredRows.streamOf(hits)
                          .map(
                              some ->
                                  CloseableIterable.transform(
                                      rows(
                                          reader,
                                          whole(some._1, planned.value().get(some._1)),
                                          some._2),
                                      row -> writer.write(row, null))));
                }));
  }

  /** The keys are those of rows that are not deleted. */
  private static StoredFile whole(int number, FileScanTask task) {
    return new StoredFile(number, new WithoutDeletes(task));
  }

  private static CloseableIterable<InternalRow> rows(
      StoredFileReader reader, StoredFile file, StagedHits hits) {
    return hits.of(
        reader.open(file, hits.filter()), reader.positionIndex(), file.task().file().location());
  }

  /**
   * The rows of some files, as they are stored: rows of {@link RowSchemas#open}.
   *
   * @param numbers of the files
   * @param without keys of rows that are left out
   */
  public InternalRows stored(Set<Integer> numbers, JavaRDD<RowKey> without) {
    List<Tuple2<Integer, StoredFile>> whole =
        numbers.stream()
            .map(number -> new Tuple2<>(number, new StoredFile(number, files.get(number))))
            .toList();
    Set<Integer> some = Set.copyOf(numbers);
    StructType columns = schemas.open();
    StoredFileReader reader = new StoredFileReader(shared, columns);
    return new InternalRows(
        context
            .parallelizePairs(whole, whole.size())
            .leftOuterJoin(
                without
                    .filter(key -> some.contains(key.file()))
                    .mapToPair(key -> new Tuple2<>(key.file(), key.position()))
                    .aggregateByKey(new Roaring64Bitmap(), RowDeletes::add, RowDeletes::or),
                whole.size())
            .mapPartitions(
                files -> {
                  UnsafeProjection unsafe = UnsafeProjection.create(columns);
                  return StoredRows.inTask(
                      StoredRows.streamOf(files)
                          .map(
                              file ->
                                  CloseableIterable.transform(
                                      without(
                                          reader.open(file._2._1, Expressions.alwaysTrue()),
                                          file._2._2.orNull(),
                                          reader.positionIndex()),
                                      unsafe::apply)));
                }));
  }

  private static CloseableIterable<InternalRow> without(
      CloseableIterable<InternalRow> rows, Roaring64Bitmap positions, int index) {
    return positions == null
        ? rows
        : CloseableIterable.filter(rows, row -> !positions.contains(row.getLong(index)));
  }
}
