package io.sessionize.peers;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.from_json;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** The topic's events as a stream, decoded as Spark's documentation does it. */
final class Clicks {
  private static final StructType JSON =
      StructType.fromDDL(
          """
          event_id STRING, page_name STRING, event_timestamp STRING, booking_details STRING, uuid STRING,
          event_details STRUCT<event_name: STRING, event_type: STRING, event_value: STRING>""");

  private Clicks() {}

  /** Rows of {@code uuid}, {@code event_time_ms}, {@code event_time} and the other fields. */
  static Dataset<Row> stream(SparkSession spark, String servers, String topic) {
    return spark
        .readStream()
        .format("kafka")
        .option("kafka.bootstrap.servers", servers)
        .option("kafka.max.partition.fetch.bytes", "16777216")
        .option("subscribe", topic)
        .option("startingOffsets", "earliest")
        .load()
        .select(from_json(col("value").cast("string"), JSON).as("click"))
        .select("click.*")
        .withColumn("event_time_ms", expr("CAST(event_timestamp AS BIGINT)"))
        .withColumn("event_time", expr("timestamp_millis(event_time_ms)"))
        .where("uuid IS NOT NULL AND event_time IS NOT NULL");
  }
}
