package io.sessionize.pipeline;

import static org.apache.spark.sql.functions.coalesce;

import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.SparkException;
import org.apache.spark.TaskContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.plans.physical.HashPartitioning;
import org.apache.spark.sql.catalyst.plans.physical.Partitioning;
import org.apache.spark.sql.catalyst.plans.physical.UnknownPartitioning;
import org.apache.spark.sql.execution.LogicalRDD;
import org.apache.spark.sql.execution.exchange.REPARTITION_BY_NUM$;
import org.apache.spark.sql.execution.exchange.ShuffleExchangeExec;
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
final class ByUser {
  private final SparkSession spark;
  private final CollectionAccumulator<Counted> counted;
  private final ShuffleExchangeExec shuffle;
  private final Dataset<Row> rows;

  /** What one task has counted. */
  private record Counted(int partition, ReadStats stats) implements Serializable {}

  /**
   * @param decoded rows of {@link io.sessionize.event.DecodeRecords#SCHEMA}, computed without a
   *     shuffle
   * @param publishedMs the published watermark, against which events are late
   */
  ByUser(Dataset<Row> decoded, long publishedMs) {
    this.spark = decoded.sparkSession();
    this.counted = spark.sparkContext().collectionAccumulator();
    int partitions = spark.sessionState().conf().numShufflePartitions();
    // Not the plan's own, of which a filter may have found out that they are never null: a cogroup
    // compares its keys down to that.
    Seq<Attribute> columns = decoded.queryExecution().analyzed().output();
    Column uuid = column(columns, "uuid");
    // Rows without a user, which nobody groups, shall not all go to the same partition.
    Column spread = coalesce(uuid, column(columns, "record_time_ms").cast(DataTypes.StringType));
    Dataset<Row> once =
        rows(columns, counting(decoded, publishedMs, counted), new UnknownPartitioning(0));
    this.shuffle =
        new ShuffleExchangeExec(
            hash(spread, partitions),
            once.queryExecution().executedPlan(),
            REPARTITION_BY_NUM$.MODULE$,
            Option.empty());
    this.rows = rows(columns, shuffle.execute(), hash(uuid, partitions));
  }

  /** The rows, each user's in one partition. */
  Dataset<Row> rows() {
    return rows;
  }

  /**
   * Reads, decodes and shuffles the records, and tells what they show. Counted on the way: another
   * reading of the shuffle took a twentieth of a run.
   */
  ReadStats read() {
    try {
      ThreadUtils.awaitResult(shuffle.mapOutputStatisticsFuture(), Duration.Inf());
    } catch (SparkException e) {
      throw new IllegalStateException(e);
    }
    // A task may run more than once, and counts the same each time.
    Map<Integer, ReadStats> once = new TreeMap<>();
    counted.value().forEach(task -> once.put(task.partition(), task.stats()));
    return once.values().stream().reduce(ReadStats.NOTHING, ReadStats::plus);
  }

  private static RDD<InternalRow> counting(
      Dataset<Row> decoded, long publishedMs, CollectionAccumulator<Counted> counted) {
    return decoded
        .queryExecution()
        .toRdd()
        .toJavaRDD()
        .mapPartitions(
            rows ->
                new CountedRows(
                    rows,
                    publishedMs,
                    stats -> counted.add(new Counted(TaskContext.getPartitionId(), stats))))
        .rdd();
  }

  private Dataset<Row> rows(
      Seq<Attribute> columns, RDD<InternalRow> computed, Partitioning partitioning) {
    return Dataset.ofRows(
        spark,
        new LogicalRDD(
            columns,
            computed,
            partitioning,
            seq(List.of()),
            false,
            spark,
            Option.empty(),
            Option.empty()));
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
