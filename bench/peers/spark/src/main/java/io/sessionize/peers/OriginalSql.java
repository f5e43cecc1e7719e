package io.sessionize.peers;

import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.Trigger;

/**
 * Sessions by window functions: the gap to the user's previous event, a running count of the gaps
 * that are too long, a group by that count; appended to an Iceberg table batch by batch.
 */
public final class OriginalSql {
  private static final String COLUMNS =
      """
      uuid STRING, session_id STRING, session_start_time_ms BIGINT, session_end_time_ms BIGINT,
      session_duration_seconds BIGINT, event_count BIGINT, pages_visited ARRAY<STRING>""";

  private OriginalSql() {}

  /** Takes SERVERS, TOPIC, the FOLDER to write to, and whether sessions keep their events. */
  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[2]);
    boolean withEvents = Boolean.parseBoolean(args[3]);
    try (SparkSession spark = Lakehouse.start(folder)) {
      Lakehouse.create(spark, COLUMNS, withEvents);
      String sessions = sessions(withEvents);
      Clicks.stream(spark, args[0], args[1])
          .writeStream()
          .trigger(Trigger.AvailableNow())
          .option("checkpointLocation", folder.resolve("checkpoint").toString())
          .foreachBatch(
              (batch, id) -> {
                batch.createOrReplaceTempView("clicks");
                batch.sparkSession().sql(sessions).writeTo(Lakehouse.TABLE).append();
              })
          .start()
          .awaitTermination();
    }
  }

  private static String sessions(boolean withEvents) {
    return """
        WITH previous AS (
          SELECT *, lag(event_time_ms) OVER (PARTITION BY uuid ORDER BY event_time_ms) AS previous_ms FROM clicks
        ), marked AS (
          SELECT *, sum(IF(previous_ms IS NULL OR (event_time_ms - previous_ms) / 1000.0 > 1800, 1, 0))
            OVER (PARTITION BY uuid ORDER BY event_time_ms) AS marker FROM previous
        )
        SELECT uuid, concat(uuid, '_session_', marker) AS session_id,
          min(event_time_ms) AS session_start_time_ms, max(event_time_ms) AS session_end_time_ms,
          (max(event_time_ms) - min(event_time_ms)) DIV 1000 AS session_duration_seconds,
          count(*) AS event_count, collect_set(page_name) AS pages_visited %s
        FROM marked GROUP BY uuid, marker"""
        .formatted(withEvents ? ", " + Lakehouse.EVENTS + " AS events" : "");
  }
}
