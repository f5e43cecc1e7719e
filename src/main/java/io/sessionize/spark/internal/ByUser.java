package io.sessionize.spark.internal;

import static org.apache.spark.sql.functions.coalesce;

import io.sessionize.job.ReadStats;
import io.sessionize.spark.DecodeRecords;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.ShuffleDependency;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkException;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.plans.physical.HashPartitioning;
import org.apache.spark.sql.execution.LogicalRDD;
import org.apache.spark.sql.execution.ShuffledRowRDD;
import org.apache.spark.sql.execution.UnsafeRowSerializer;
import org.apache.spark.sql.execution.exchange.ShuffleExchangeExec;
import org.apache.spark.sql.execution.metric.SQLShuffleReadMetricsReporter;
import org.apache.spark.sql.execution.metric.SQLShuffleWriteMetricsReporter;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.util.CollectionAccumulator;
import org.apache.spark.util.ThreadUtils;
import scala.Option;
import scala.collection.JavaConverters;
import scala.collection.Seq;
import scala.concurrent.duration.Duration;

/**
 * Decoded rows, shuffled by user once, for all that read them: the shuffle's own files are what a
 * batch keeps of its records. What groups these rows by user knows where they are and shuffles them
 * no more, which it would after {@code repartition} and {@code persist}; that took a tenth of a
 * run.
 */
public final class ByUser {
  private final SparkContext context;
  private final CollectionAccumulator<OfTask> counted;
  private final ShuffleDependency<Object, InternalRow, InternalRow> shuffle;
  private final Dataset<Row> rows;

  /** What one task has counted. */
  private record OfTask(int partition, ReadStats stats) implements Serializable {}

  /**
   * @param decoded rows of {@link DecodeRecords#SCHEMA}
   * @param publishedMs the published watermark, against which events are late
   * @param runTimeMs the run's own clock
   */
  public ByUser(SparkSession spark, JavaRDD<InternalRow> decoded, long publishedMs, long runTimeMs) {
    this.context = spark.sparkContext();
    this.counted = context.collectionAccumulator();
    int partitions = spark.sessionState().conf().numShufflePartitions();
    Seq<Attribute> columns = DecodeRecords.none(spark).queryExecution().analyzed().output();
    Column uuid = column(columns, "uuid");
    // Rows without a user, which nobody groups, shall not all go to the same partition.
    Column spread = coalesce(uuid, column(columns, "record_time_ms").cast(DataTypes.StringType));
    this.shuffle =
        ShuffleExchangeExec.prepareShuffleDependency(
            counting(decoded, publishedMs, runTimeMs, counted).rdd(),
            columns,
            hash(spread, partitions),
            new UnsafeRowSerializer(columns.size(), null),
            SQLShuffleWriteMetricsReporter.createShuffleWriteMetrics(context));
    this.rows =
        Dataset.ofRows(
            spark,
            new LogicalRDD(
                columns,
                new ShuffledRowRDD(
                    shuffle, SQLShuffleReadMetricsReporter.createShuffleReadMetrics(context)),
                hash(uuid, partitions),
                seq(List.of()),
                false,
                spark,
                Option.empty(),
                Option.empty()));
  }

  /** The rows, each user's in one partition. */
  public Dataset<Row> rows() {
    return rows;
  }

  /**
   * Reads, decodes and shuffles the records, and tells what they show. Counted on the way: another
   * reading of the shuffle took a twentieth of a run.
   */
  public ReadStats read() {
    if (shuffle.rdd().getNumPartitions() == 0) {
      return ReadStats.NOTHING;
    }
    try {
      ThreadUtils.awaitResult(context.submitMapStage(shuffle), Duration.Inf());
    } catch (SparkException e) {
      throw new IllegalStateException(e.getCause());
    }
    // A task that runs again reads the same offsets, and counts the same.
    Map<Integer, ReadStats> once = new TreeMap<>();
    counted.value().forEach(task -> once.put(task.partition(), task.stats()));
    int tasks = shuffle.rdd().getNumPartitions();
    if (once.size() != tasks) {
      // Spark only logs a count that it could not take over: late events would go unseen.
      throw new IllegalStateException(
          "Only " + once.size() + " of " + tasks + " tasks have told what they read.");
    }
    return once.values().stream().reduce(ReadStats.NOTHING, ReadStats::plus);
  }

  private static JavaRDD<InternalRow> counting(
      JavaRDD<InternalRow> decoded,
      long publishedMs,
      long runTimeMs,
      CollectionAccumulator<OfTask> counted) {
    return decoded.mapPartitions(
        rows ->
            new CountedRows(
                rows,
                publishedMs,
                runTimeMs,
                stats -> counted.add(new OfTask(TaskContext.getPartitionId(), stats))));
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
