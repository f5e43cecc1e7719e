-- The staging table: open sessions, carried over from run to run.
CREATE TABLE IF NOT EXISTS ${open} (
  uuid                     STRING,
  session_id               STRING,
  session_start_time_ms    BIGINT,
  session_end_time_ms      BIGINT,
  session_duration_seconds BIGINT,
  event_count              BIGINT,
  pages_visited            ARRAY<STRING>,
  session_start            TIMESTAMP,
  session_end              TIMESTAMP,
  close_reason             STRING    COMMENT 'why it would end here, if nothing more came',
  events                   ARRAY<STRUCT<
                             event_id: STRING,
                             event_time_ms: BIGINT,
                             page_name: STRING,
                             booking_details: STRING,
                             event_details: STRUCT<event_name: STRING, event_type: STRING, event_value: STRING>>>,
  published                BOOLEAN   COMMENT 'whether it stands in the sessions table too'
)
USING iceberg
TBLPROPERTIES (
  'sessionize.schema-version' = '1',
  'format-version' = '2',
  -- Written by each run, read by the next: fast counts more than small.
  'write.parquet.compression-codec' = 'zstd',
  'write.parquet.compression-level' = '1',
  -- No two events have an id in common, nor often a time: a dictionary of them is given up in the end. Sooner is cheaper.
  'write.parquet.dict-size-bytes' = '131072',
  'write.metadata.delete-after-commit.enabled' = 'true',
  'write.metadata.previous-versions-max' = '100'
)
