package io.sessionize.peers;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.session_window;

import java.nio.file.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.Trigger;

/**
 * Sessions by {@code session_window}: windows that the watermark has passed are appended to an
 * Iceberg table, the others stay in the query's state.
 */
public final class SessionWindow {
  private static final String COLUMNS =
      "uuid STRING, session_start_time_ms BIGINT, session_end_time_ms BIGINT, event_count BIGINT";

  private SessionWindow() {}

  /** Takes SERVERS, TOPIC, the FOLDER to write to, and whether sessions keep their events. */
  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[2]);
    boolean withEvents = Boolean.parseBoolean(args[3]);
    try (SparkSession spark = Lakehouse.start(folder)) {
      Lakehouse.create(spark, COLUMNS, withEvents);
      Column[] others =
          withEvents ? new Column[] {expr(Lakehouse.EVENTS).as("events")} : new Column[0];
      Clicks.stream(spark, args[0], args[1])
          .withWatermark("event_time", "10 minutes")
          .groupBy(col("uuid"), session_window(col("event_time"), "30 minutes"))
          .agg(expr("count(*)").as("event_count"), others)
          // A window ends a gap after its last event.
          .withColumn("session_start_time_ms", expr("unix_millis(session_window.start)"))
          .withColumn(
              "session_end_time_ms", expr("unix_millis(session_window.end - INTERVAL 30 MINUTES)"))
          // A stream is written by position, not by name.
          .selectExpr(spark.table(Lakehouse.TABLE).columns())
          .writeStream()
          .format("iceberg")
          .outputMode("append")
          .trigger(Trigger.AvailableNow())
          .option("checkpointLocation", folder.resolve("checkpoint").toString())
          .toTable(Lakehouse.TABLE)
          .awaitTermination();
    }
  }
}
