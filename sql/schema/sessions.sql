-- The sessions table: closed sessions, each with its own events, so that a row is self-contained.
CREATE TABLE IF NOT EXISTS ${sessions} (
  uuid                     STRING    COMMENT 'the user',
  session_id               STRING    COMMENT '<uuid>_session_<session_start_time_ms>',
  session_start_time_ms    BIGINT    COMMENT 'time of the first event, epoch milliseconds',
  session_end_time_ms      BIGINT    COMMENT 'time of the last event, epoch milliseconds',
  session_duration_seconds BIGINT    COMMENT 'whole seconds, rounded down',
  event_count              BIGINT    COMMENT 'distinct events',
  pages_visited            ARRAY<STRING> COMMENT 'distinct pages in the order in which they were first seen',
  session_start            TIMESTAMP COMMENT 'session_start_time_ms as a timestamp, also for the day partition',
  session_end              TIMESTAMP COMMENT 'session_end_time_ms as a timestamp',
  close_reason             STRING    COMMENT 'inactivity, max_duration or boundary',
  boundary_rule            STRING    COMMENT 'the rule that ended the session; null unless close_reason is boundary',
  events                   ARRAY<STRUCT<
                             event_id: STRING COMMENT 'identifies copies of the event; topic/partition/offset if the event has none',
                             event_time_ms: BIGINT COMMENT 'epoch milliseconds',
                             page_name: STRING COMMENT 'null if the event has none, as all fields below',
                             booking_details: STRING COMMENT 'as sent',
                             event_details: STRUCT<
                               event_name: STRING COMMENT 'as sent',
                               event_type: STRING COMMENT 'as sent',
                               event_value: STRING COMMENT 'as sent'> COMMENT 'what the user did',
                             `order`: BIGINT COMMENT 'orders the events of one time; null if the definition does not map it',
                             definition: INT COMMENT 'number of the definition that decoded the event'>>
                           COMMENT 'the events of the session, ordered by time, order and id'
)
USING iceberg
PARTITIONED BY (days(session_start))
TBLPROPERTIES (
  'sessionize.schema-version' = '1',
  'format-version' = '2',
  -- With merge-on-read, one late event costs one row, not the files of its day.
  'write.merge.mode' = 'merge-on-read',
  -- A look-up of late events reads the row groups that hold their users. Small ones hold few others. The size is that before compression.
  'write.parquet.row-group-size-bytes' = '2097152',
  'write.parquet.compression-codec' = 'zstd',
  'write.metadata.compression-codec' = 'gzip',
  'write.metadata.delete-after-commit.enabled' = 'true',
  'write.metadata.previous-versions-max' = '100'
)
