package io.sessionize.peers;

import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;

/** A Spark session with an Iceberg table of sessions; catalog and settings are the product's. */
final class Lakehouse {
  static final String TABLE = "local.peers.sessions";

  /** The aggregate that collects a session's events, by time. */
  static final String EVENTS =
      "array_sort(collect_list(struct(event_time_ms, event_id, page_name, booking_details, event_details)))";

  private static final String EVENTS_COLUMN =
      """
      , events ARRAY<STRUCT<event_time_ms: BIGINT, event_id: STRING, page_name: STRING, booking_details: STRING,
          event_details: STRUCT<event_name: STRING, event_type: STRING, event_value: STRING>>>""";

  private Lakehouse() {}

  static SparkSession start(Path folder) {
    return SparkSession.builder()
        .master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.warehouse.dir", folder.resolve("unused").toString())
        .config("spark.sql.catalog.local", "org.apache.iceberg.spark.SparkCatalog")
        .config("spark.sql.catalog.local.type", "jdbc")
        .config("spark.sql.catalog.local.uri", "jdbc:sqlite:" + folder.resolve("catalog.db"))
        .config("spark.sql.catalog.local.jdbc.schema-version", "V1")
        .config("spark.sql.catalog.local.warehouse", folder.toString())
        .getOrCreate();
  }

  /** Makes the table: these columns, and where wanted the sessions' events. */
  static void create(SparkSession spark, String columns, boolean withEvents) {
    spark.sql("CREATE NAMESPACE IF NOT EXISTS local.peers");
    spark.sql(
        "CREATE TABLE IF NOT EXISTS %s (%s%s) USING iceberg"
            .formatted(TABLE, columns, withEvents ? EVENTS_COLUMN : ""));
  }
}
