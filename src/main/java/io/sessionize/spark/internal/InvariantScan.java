package io.sessionize.spark.internal;

import io.sessionize.row.RowSchemas;
import io.sessionize.session.CheckedRow.Place;
import io.sessionize.session.NeighbourInvariants;
import io.sessionize.session.Rules;
import io.sessionize.session.StagingInvariants;
import java.io.Serializable;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.spark.source.SerializableTableWithSize;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.executor.InputMetrics;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;
import scala.Tuple2;

/**
 * Judges stored rows by the invariants of the tables, without a SQL plan: each row is read once and
 * judged by itself, and what others need to know of it is shuffled by user once. Lazy.
 */
public final class InvariantScan {
  private static final int[] KEY_COLUMNS = {0, 1, 2, 3, 4, 5};

  private final SparkSession spark;
  private final JavaSparkContext context;
  private final RowJudge judge;
  private final NeighbourInvariants neighbours;
  private final StagingInvariants staging;
  private final List<String> names;

  /** Tells whether a row that starts then, epoch milliseconds, is read. */
  public interface Times extends LongPredicate, Serializable {}

  /** What a task does with a row that it reads; null leaves the row out. */
  private interface Judging extends Serializable {
    Function<InternalRow, InternalRow> ofTask();
  }

  /**
   * @param schemas with the properties of the events
   * @param rules by which the rows were made; their class is not asked
   * @param names of the sessions table, the staging table and the live view, for the violations
   * @throws io.sessionize.Failure of usage, if this process cannot apply the rules
   */
  public InvariantScan(
      SparkSession spark,
      RowSchemas schemas,
      Rules rules,
      NeighbourInvariants neighbours,
      StagingInvariants staging,
      List<String> names) {
    this.spark = spark;
    this.context = new JavaSparkContext(spark.sparkContext());
    this.judge = new RowJudge(spark, schemas, rules);
    this.neighbours = neighbours;
    this.staging = staging;
    this.names = List.copyOf(names);
  }

  /** The data files of a table at a snapshot. */
  public static List<FileScanTask> files(Table table, long snapshot) {
    return FileTasks.planned(table.newScan().useSnapshot(snapshot));
  }

  /**
   * The rows of these files, each judged by itself: rows of {@link CheckedRows}.
   *
   * @param open whether of staging
   */
  public InternalRows judged(Table table, List<FileScanTask> files, boolean open) {
    RowJudge each = judge;
    return read(
        table,
        files,
        each.columns(open),
        null,
        () -> {
          RowJudge.Task task = each.task(open);
          return task::judged;
        });
  }

  /**
   * The rows of these users, and possibly of others, that start at these times or have no start:
   * rows of {@link CheckedRows}, judged only as neighbours. Reads the key columns of the row groups
   * that may hold one.
   */
  public InternalRows near(
      Table table, List<FileScanTask> files, SearchedUsers users, Times times) {
    Broadcast<SearchedUsers> searched = context.broadcast(users);
    return read(
        table,
        files,
        CheckedRows.KEY,
        searched,
        () -> {
          CheckedRows.Writer writer = new CheckedRows.Writer(KEY_COLUMNS);
          // Times first: comparing them is cheaper than searching the user, and most rows of a
          // compacted day are far away.
          Predicate<InternalRow> isNear = row -> isAt(times, row) && isOf(searched.value(), row);
          return row -> isNear.test(row) ? writer.write(row, Place.NEAR, List.of(), null) : null;
        });
  }

  private static boolean isAt(Times times, InternalRow row) {
    return row.isNullAt(CheckedRows.START_MS) || times.test(row.getLong(CheckedRows.START_MS));
  }

  private static boolean isOf(SearchedUsers users, InternalRow row) {
    return !row.isNullAt(CheckedRows.UUID) && users.contain(row.getUTF8String(CheckedRows.UUID));
  }

  /**
   * @param users whose rows are wanted; null for all
   */
  private InternalRows read(
      Table table,
      List<FileScanTask> files,
      StructType columns,
      Broadcast<SearchedUsers> users,
      Judging judging) {
    if (files.isEmpty()) {
      return new InternalRows(context.emptyRDD());
    }
    Broadcast<Table> shared = context.broadcast(SerializableTableWithSize.copyOf(table));
    StoredFileReader reader = new StoredFileReader(shared, columns);
    boolean few = users != null && users.value().areFew();
    List<List<FileScanTask>> tasks = FileTasks.of(files, few, context.defaultParallelism());
    JavaRDD<FileScanTask> all = context.parallelize(tasks, tasks.size()).flatMap(List::iterator);
    return new InternalRows(
        all.mapPartitions(
            some -> {
              InputMetrics metrics = TaskContext.get().taskMetrics().inputMetrics();
              Function<InternalRow, InternalRow> judged = judging.ofTask();
              return StoredRows.inTask(
                  StoredRows.streamOf(some)
                      .map(
                          file ->
                              CloseableIterable.filter(
                                  CloseableIterable.transform(
                                      reader.open(
                                          new StoredFile(0, file),
                                          Expressions.alwaysTrue(),
                                          few ? users.value()::rowsToRead : null),
                                      row -> {
                                        metrics.incRecordsRead(1);
                                        return judged.apply(row);
                                      }),
                                  row -> row != null)));
            }));
  }

  /** Rows that are read several times. To be closed. */
  public KeptRows keep(InternalRows judged) {
    return new KeptRows(spark, judged, CheckedRows.COLUMNS);
  }

  /**
   * The user, as bytes, and the start, epoch milliseconds, of each judged row that has a user. The
   * end, if the start is null; null if both are. Lazy.
   */
  public static JavaPairRDD<byte[], Long> starts(InternalRows judged) {
    return judged
        .rdd()
        .filter(row -> !row.isNullAt(CheckedRows.UUID))
        .mapToPair(
            row -> new Tuple2<>(row.getUTF8String(CheckedRows.UUID).getBytes(), timeMs(row)));
  }

  private static Long timeMs(InternalRow row) {
    Long startMs = CheckedRows.number(row, CheckedRows.START_MS);
    return startMs == null ? CheckedRows.number(row, CheckedRows.END_MS) : startMs;
  }

  /** The violations among judged rows and their neighbours: rows of {@link ViolationRows}. */
  public InternalRows violations(InternalRows judged) {
    NeighbourInvariants ofPairs = neighbours;
    StagingInvariants ofStaging = staging;
    List<String> tables = names;
    return UserShuffle.byUser(spark, judged, CheckedRows.COLUMNS)
        .map(
            rows ->
                rows.mapPartitions(
                    some ->
                        new CheckedUsers(
                            some, ofPairs, ofStaging, new ViolationRows.Writer(tables))));
  }
}
