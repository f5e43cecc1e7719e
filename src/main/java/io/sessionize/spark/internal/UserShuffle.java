package io.sessionize.spark.internal;

import io.sessionize.job.BatchTooLargeException;
import io.sessionize.job.ReadStats;
import io.sessionize.row.DecodedRows;
import io.sessionize.row.EventRows;
import io.sessionize.row.RowSchemas;
import io.sessionize.session.Partition;
import java.util.List;
import java.util.Optional;
import org.apache.spark.ShuffleDependency;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.ThreadUtils;
import org.apache.spark.util.sketch.BloomFilter;
import scala.Tuple2;
import scala.concurrent.duration.Duration;

/**
 * Shuffles decoded rows by user once and reuses the shuffle files for every reader. {@code
 * repartition} and {@code persist} would write the rows twice.
 *
 * <p>All rows of a user go to one task, which is also that of the user's rows by {@link #byUser}.
 * Rows without a user go to any task.
 */
public final class UserShuffle {
  private static final int EVENT_TIME = DecodedRows.EVENT + EventRows.EVENT_TIME_MS;
  private static final int LATE_EVENTS_OF_A_TASK = 1_000;

  private final SparkSession spark;
  private final SparkContext context;
  private final ReadTasks tasks;
  private final StructType columns;
  private final RowShuffle shuffle;
  private final long lateBeforeMs;

  private <T> UserShuffle(
      SparkSession spark,
      RowSchemas schemas,
      JavaRDD<T> read,
      ReadTasks.Decoding<T> decoding,
      List<Partition> partitions,
      long lateBeforeMs,
      long runTimeMs) {
    this.spark = spark;
    this.context = spark.sparkContext();
    this.tasks = new ReadTasks(context);
    this.lateBeforeMs = lateBeforeMs;
    this.columns = schemas.decoded();
    this.shuffle =
        new RowShuffle(
            tasks.counting(read, decoding, partitions, lateBeforeMs, runTimeMs),
            columns.length(),
            UserShuffle::key,
            partitions(spark));
  }

  /** Rejected records have no user: spread by time, they do not all go to one task. */
  private static long key(InternalRow row) {
    return row.isNullAt(DecodedRows.UUID)
        ? SortedRows.hash(row.getLong(DecodedRows.RECORD_TIME_MS))
        : SortedRows.hash(row);
  }

  /**
   * Decodes the records of a batch, and shuffles them. Lazy.
   *
   * @param lateBeforeMs the published watermark: an event before this time is late
   * @param runTimeMs the run's own clock
   */
  public static UserShuffle ofRecords(
      SparkSession spark,
      Records records,
      RecordDecoding decoding,
      long lateBeforeMs,
      long runTimeMs) {
    return new UserShuffle(
        spark,
        decoding.schemas(),
        records.all(),
        decoding::decode,
        decoding.partitions(),
        lateBeforeMs,
        runTimeMs);
  }

  /**
   * Shuffles decoded rows. Lazy.
   *
   * @param schemas columns of the rows
   * @param decoded rows of {@link DecodedRows}
   * @param partitions whose indexes these rows have
   * @param lateBeforeMs as for records
   * @param runTimeMs as for records
   */
  public static UserShuffle ofDecoded(
      SparkSession spark,
      RowSchemas schemas,
      InternalRows decoded,
      List<Partition> partitions,
      long lateBeforeMs,
      long runTimeMs) {
    return new UserShuffle(
        spark, schemas, decoded.rdd(), CountedRows::of, partitions, lateBeforeMs, runTimeMs);
  }

  /**
   * Shuffles other rows into the same partitions. Lazy.
   *
   * @param rows with the user in the first column
   */
  public static InternalRows byUser(SparkSession spark, InternalRows rows, StructType columns) {
    return new RowShuffle(rows.rdd(), columns.length(), SortedRows::hash, partitions(spark)).rows();
  }

  /** No rows, in as many partitions as shuffled rows have. */
  public static InternalRows none(SparkSession spark) {
    return new InternalRows(
        new JavaSparkContext(spark.sparkContext())
            .parallelize(List.<InternalRow>of(), partitions(spark)));
  }

  /** The rows, each user's in one partition. */
  public Dataset<Row> rows() {
    return shuffle.rows().toRows(spark, columns);
  }

  /** The rows that hold an event, each user's in one partition. */
  public InternalRows events() {
    return shuffle.rows().where(row -> !row.isNullAt(DecodedRows.UUID));
  }

  /**
   * The users and times of the events before a time, epoch milliseconds. Few late events are known
   * since the records were read: another pass over the shuffle files would cost a twentieth of a
   * run.
   */
  public JavaPairRDD<String, Long> eventsBefore(long timeMs) {
    Optional<List<LateEvent>> few = timeMs == lateBeforeMs ? tasks.lateEvents() : Optional.empty();
    if (few.isPresent()) {
      List<LateEvent> late = few.get();
      return new JavaSparkContext(context)
          .parallelize(late, Math.min(partitions(spark), 1 + late.size() / LATE_EVENTS_OF_A_TASK))
          .mapToPair(event -> new Tuple2<>(event.uuid(), event.timeMs()));
    }
    return events()
        .rdd()
        .filter(row -> row.getLong(EVENT_TIME) < timeMs)
        .mapToPair(row -> new Tuple2<>(row.getString(DecodedRows.UUID), row.getLong(EVENT_TIME)));
  }

  /**
   * The hashes of the users of the events, and possibly others. Runs a Spark job.
   *
   * @param empty a filter without a user, of the size that is wanted
   */
  public BloomFilter users(BloomFilter empty) {
    return events()
        .rdd()
        .treeAggregate(
            empty,
            (users, row) -> {
              users.putLong(SortedRows.hash(row));
              return users;
            },
            UserFilter::merge);
  }

  /** The number by which Spark knows the files of the shuffle. */
  int shuffleId() {
    return shuffle.dependency().shuffleId();
  }

  private static int partitions(SparkSession spark) {
    return spark.sessionState().conf().numShufflePartitions();
  }

  /**
   * Runs the Spark job that reads, decodes and shuffles the records, and counts them on the way.
   *
   * @throws BatchTooLargeException if the records exceed their {@link ReadLimit}
   */
  public ReadStats read() {
    ShuffleDependency<Integer, InternalRow, InternalRow> writing = shuffle.dependency();
    int reading = writing.rdd().getNumPartitions();
    if (reading == 0) {
      return ReadStats.NOTHING;
    }
    try {
      ThreadUtils.awaitResult(context.submitMapStage(writing), Duration.Inf());
    } catch (SparkException e) {
      throw BatchTooLargeException.in(e)
          .map(RuntimeException.class::cast)
          .orElseGet(() -> new IllegalStateException(e.getCause()));
    }
    return tasks.counted(reading);
  }
}
