package io.sessionize.pipeline;

import static org.apache.spark.sql.functions.coalesce;

import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.plans.physical.HashPartitioning;
import org.apache.spark.sql.execution.LogicalRDD;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.exchange.REPARTITION_BY_NUM$;
import org.apache.spark.sql.execution.exchange.ShuffleExchangeExec;
import org.apache.spark.sql.types.DataTypes;
import scala.Option;
import scala.collection.JavaConverters;
import scala.collection.Seq;

/** Decoded rows, shuffled by user. */
final class ByUser {
  private ByUser() {}

  /**
   * Shuffles the rows once, for all that read them: the shuffle's own files are what a batch keeps
   * of its records. What groups these rows by user knows where they are and shuffles them no more,
   * which it would after {@code repartition} and {@code persist}; that took a tenth of a run.
   *
   * @param decoded rows with {@code uuid} and {@code record_time_ms}, computed without a shuffle
   */
  static Dataset<Row> shuffled(Dataset<Row> decoded) {
    SparkSession spark = decoded.sparkSession();
    int partitions = spark.sessionState().conf().numShufflePartitions();
    SparkPlan plan = decoded.queryExecution().executedPlan();
    // Not the plan's own, of which a filter may have found out that they are never null: a cogroup
    // compares its keys down to that.
    Seq<Attribute> columns = decoded.queryExecution().analyzed().output();
    Column uuid = column(columns, "uuid");
    // Rows without a user, which nobody groups, shall not all go to the same partition.
    Column spread = coalesce(uuid, column(columns, "record_time_ms").cast(DataTypes.StringType));
    ShuffleExchangeExec shuffle =
        new ShuffleExchangeExec(
            hash(spread, partitions), plan, REPARTITION_BY_NUM$.MODULE$, Option.empty());
    return Dataset.ofRows(
        spark,
        new LogicalRDD(
            columns,
            shuffle.execute(),
            hash(uuid, partitions),
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
