package io.sessionize.audit;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.mode;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.substring;

import io.sessionize.table.RejectedReader;
import io.sessionize.table.SessionTables;
import java.sql.Timestamp;
import java.time.Instant;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.expressions.Window;

/** Lists the rejected records, by reason and topic. Reads the rejected table alone. */
public final class Rejections {
  private static final int VALUE_BYTES = 500;

  private final Dataset<Row> rows;

  /**
   * What to list. A part that is null lists all.
   *
   * @param since the time from which on they were rejected
   */
  public record Selection(String reason, String topic, Instant since) {
    private Column condition() {
      Column condition = lit(true);
      if (reason != null) {
        condition = condition.and(col("reason").equalTo(reason));
      }
      if (topic != null) {
        condition = condition.and(col("topic").equalTo(topic));
      }
      if (since != null) {
        condition = condition.and(col("rejected_at").geq(Timestamp.from(since)));
      }
      return condition;
    }
  }

  public Rejections(SparkSession spark, SessionTables tables, Selection selection) {
    Column isTakenIn = RejectedReader.isTakenIn(tables.foundBase().progress());
    this.rows =
        new RejectedReader(spark, tables)
            .rows()
            .where(selection.condition())
            .withColumn("taken_in", isTakenIn);
  }

  /**
   * One row for each reason and topic: how many records, how many of them a retry has taken in,
   * when the first and the last were rejected, and the most frequent detail. Lazy.
   */
  public Dataset<Row> counts() {
    return rows.groupBy("reason", "topic")
        .agg(
            count(lit(1)).as("records"),
            count_if(col("taken_in")).as("taken_in"),
            min("rejected_at").as("first_rejected_at"),
            max("rejected_at").as("last_rejected_at"),
            mode(col("detail")).as("most_frequent_detail"))
        .orderBy("reason", "topic");
  }

  /**
   * The newest records of each reason and topic. Lazy.
   *
   * @param most how many of each
   * @param values whether to show the beginning of each value
   */
  public Dataset<Row> samples(long most, boolean values) {
    Dataset<Row> samples =
        rows.withColumn(
                "newest",
                row_number()
                    .over(
                        Window.partitionBy("reason", "topic")
                            .orderBy(
                                col("rejected_at").desc(),
                                col("partition"),
                                col("offset").desc(),
                                col("index"))))
            .where(col("newest").leq(most))
            .orderBy("reason", "topic", "newest")
            .select(
                col("reason"),
                col("topic"),
                col("partition"),
                col("offset"),
                col("index"),
                col("record_time"),
                col("rejected_at"),
                col("taken_in"),
                col("detail"),
                substring(col("value"), 1, VALUE_BYTES).cast("string").as("value"));
    return values ? samples : samples.drop("value");
  }
}
