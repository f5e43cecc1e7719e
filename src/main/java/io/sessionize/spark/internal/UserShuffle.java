package io.sessionize.spark.internal;

import static org.apache.spark.sql.functions.coalesce;

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
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.plans.physical.HashPartitioning;
import org.apache.spark.sql.catalyst.types.DataTypeUtils;
import org.apache.spark.sql.execution.LogicalRDD;
import org.apache.spark.sql.execution.ShuffledRowRDD;
import org.apache.spark.sql.execution.UnsafeRowSerializer;
import org.apache.spark.sql.execution.exchange.ShuffleExchangeExec;
import org.apache.spark.sql.execution.metric.SQLShuffleReadMetricsReporter;
import org.apache.spark.sql.execution.metric.SQLShuffleWriteMetricsReporter;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.ThreadUtils;
import org.apache.spark.util.sketch.BloomFilter;
import scala.Option;
import scala.Tuple2;
import scala.collection.JavaConverters;
import scala.collection.Seq;
import scala.concurrent.duration.Duration;

/**
 * Shuffles decoded rows by user once and reuses the shuffle files for every reader. The output
 * partitioning is declared, so a later grouping by user adds no exchange. {@code repartition} and
 * {@code persist} would write the rows twice and shuffle them again.
 *
 * <p>Invariant: rows without a user are not partitioned by user. A consumer filters {@code uuid IS
 * NOT NULL} before it groups.
 */
public final class UserShuffle {
  private static final int EVENT_TIME = DecodedRows.EVENT + EventRows.EVENT_TIME_MS;
  private static final int LATE_EVENTS_OF_A_TASK = 1_000;

  private final SparkSession spark;
  private final SparkContext context;
  private final ReadTasks tasks;
  private final Seq<Attribute> columns;
  private final ShuffleDependency<Object, InternalRow, InternalRow> shuffle;
  private final ShuffledRowRDD shuffled;
  private final long lateBeforeMs;
  private Dataset<Row> rows;

  private UserShuffle(
      SparkSession spark,
      RowSchemas schemas,
      InternalRows rows,
      ReadTasks.Decoding decoding,
      List<Partition> partitions,
      long lateBeforeMs,
      long runTimeMs) {
    this.spark = spark;
    this.context = spark.sparkContext();
    this.tasks = new ReadTasks(context);
    this.lateBeforeMs = lateBeforeMs;
    this.columns = columns(schemas.decoded());
    // Rejected records have no user: spread by time, they do not all go to one partition.
    Column spread =
        coalesce(
            column(columns, "uuid"), column(columns, "record_time_ms").cast(DataTypes.StringType));
    this.shuffle =
        shuffle(
            context,
            tasks.counting(rows.rdd(), decoding, partitions, lateBeforeMs, runTimeMs),
            columns,
            hash(spread, partitions(spark)));
    this.shuffled = shuffled(context, shuffle);
  }

  /**
   * Decodes the records of a batch, and shuffles them. Lazy.
   *
   * @param records records of Kafka: see {@link RecordDecoding#select}
   * @param lateBeforeMs the published watermark: an event before this time is late
   * @param runTimeMs the run's own clock
   */
  public static UserShuffle ofRecords(
      SparkSession spark,
      Dataset<Row> records,
      RecordDecoding decoding,
      long lateBeforeMs,
      long runTimeMs) {
    return new UserShuffle(
        spark,
        decoding.schemas(),
        RecordDecoding.select(records),
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
        spark, schemas, decoded, CountedRows::of, partitions, lateBeforeMs, runTimeMs);
  }

  /** Shuffles other rows into the same partitions, by their column {@code uuid}. Lazy. */
  public static InternalRows byUser(SparkSession spark, InternalRows rows, StructType schema) {
    SparkContext context = spark.sparkContext();
    Seq<Attribute> columns = columns(schema);
    HashPartitioning by = hash(column(columns, "uuid"), partitions(spark));
    return new InternalRows(
        shuffled(context, shuffle(context, rows.rdd(), columns, by)).toJavaRDD());
  }

  /** No rows, in as many partitions as shuffled rows have. */
  public static InternalRows none(SparkSession spark) {
    return new InternalRows(
        new JavaSparkContext(spark.sparkContext())
            .parallelize(List.<InternalRow>of(), partitions(spark)));
  }

  /** The rows, each user's in one partition. */
  public Dataset<Row> rows() {
    if (rows == null) {
      rows =
          Dataset.ofRows(
              spark,
              new LogicalRDD(
                  columns,
                  shuffled,
                  hash(column(columns, "uuid"), partitions(spark)),
                  seq(List.of()),
                  false,
                  spark,
                  Option.empty(),
                  Option.empty()));
    }
    return rows;
  }

  /** The rows that hold an event, each user's in one partition. */
  public InternalRows events() {
    return new InternalRows(shuffled.toJavaRDD().filter(row -> !row.isNullAt(DecodedRows.UUID)));
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

  private static int partitions(SparkSession spark) {
    return spark.sessionState().conf().numShufflePartitions();
  }

  private static Seq<Attribute> columns(StructType schema) {
    return seq(
        JavaConverters.seqAsJavaList(DataTypeUtils.toAttributes(schema)).stream()
            .map(Attribute.class::cast)
            .toList());
  }

  private static ShuffleDependency<Object, InternalRow, InternalRow> shuffle(
      SparkContext context,
      JavaRDD<InternalRow> rows,
      Seq<Attribute> columns,
      HashPartitioning by) {
    return ShuffleExchangeExec.prepareShuffleDependency(
        rows.rdd(),
        columns,
        by,
        new UnsafeRowSerializer(columns.size(), null),
        SQLShuffleWriteMetricsReporter.createShuffleWriteMetrics(context));
  }

  private static ShuffledRowRDD shuffled(
      SparkContext context, ShuffleDependency<Object, InternalRow, InternalRow> shuffle) {
    return new ShuffledRowRDD(
        shuffle, SQLShuffleReadMetricsReporter.createShuffleReadMetrics(context));
  }

  /**
   * Runs the Spark job that reads, decodes and shuffles the records, and counts them on the way.
   *
   * @throws BatchTooLargeException if the records exceed their {@link ReadLimit}
   */
  public ReadStats read() {
    if (shuffle.rdd().getNumPartitions() == 0) {
      return ReadStats.NOTHING;
    }
    try {
      ThreadUtils.awaitResult(context.submitMapStage(shuffle), Duration.Inf());
    } catch (SparkException e) {
      throw BatchTooLargeException.in(e)
          .map(RuntimeException.class::cast)
          .orElseGet(() -> new IllegalStateException(e.getCause()));
    }
    return tasks.counted(shuffle.rdd().getNumPartitions());
  }

  private static Column column(Seq<Attribute> columns, String name) {
    return JavaConverters.seqAsJavaList(columns).stream()
        .filter(attribute -> attribute.name().equals(name))
        .findFirst()
        .map(Column::new)
        .orElseThrow();
  }

  private static HashPartitioning hash(Column by, int partitions) {
    return new HashPartitioning(seq(List.of(by.expr())), partitions);
  }

  private static <T> Seq<T> seq(List<T> list) {
    return JavaConverters.asScalaBuffer(list).toSeq();
  }
}
