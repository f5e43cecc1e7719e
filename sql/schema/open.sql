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
  close_reason             STRING    COMMENT 'reason why the session would end here, if no further event came',
  boundary_rule            STRING,
  events                   ARRAY<STRUCT<
                             event_id: STRING,
                             event_time_ms: BIGINT,
                             page_name: STRING,
                             booking_details: STRING,
                             event_details: STRUCT<event_name: STRING, event_type: STRING, event_value: STRING>,
                             `order`: BIGINT COMMENT 'orders the events of one time; null if the definition does not map it',
                             definition: INT COMMENT 'number of the definition that decoded the event'>>,
  published                BOOLEAN   COMMENT 'whether the session is also in the sessions table'
)
USING iceberg
TBLPROPERTIES (
  'sessionize.schema-version' = '1',
  'format-version' = '2',
  -- Each run writes this table and the next run reads it: speed is more important than size.
  'write.parquet.compression-codec' = 'zstd',
  'write.parquet.compression-level' = '1',
  -- Event ids never repeat, and times seldom do, so the writer drops their dictionaries in the end. Dropping them early is cheaper.
  'write.parquet.dict-size-bytes' = '131072',
  'write.metadata.compression-codec' = 'gzip',
  'write.metadata.delete-after-commit.enabled' = 'true',
  'write.metadata.previous-versions-max' = '100'
)
