-- The rejected table: rejected records, whole, with the reason and the Kafka coordinates.
-- It is partitioned by the clock of the run: a timestamp that a record claims could be on any day.
CREATE TABLE IF NOT EXISTS ${rejected} (
  topic       STRING    COMMENT 'Kafka topic of the record',
  `partition` INT       COMMENT 'partition of the topic',
  `offset`    BIGINT    COMMENT 'offset in the partition',
  `index`     INT       COMMENT 'position within a record of several events; null for the whole record',
  record_time TIMESTAMP COMMENT 'timestamp of the Kafka record; null if it is unknown',
  `key`       BINARY    COMMENT 'the unchanged key of the record; null if it has none',
  value       BINARY    COMMENT 'the unchanged value of the record; with an index, the element as JSON; null for a tombstone',
  reason      STRING    COMMENT 'malformed, unknown_schema, missing_uuid, placeholder_uuid, missing_time, future_time, before_2000, beyond_horizon or set_aside',
  detail      STRING    COMMENT 'readable description of what is wrong',
  rejected_at TIMESTAMP COMMENT 'clock of the run that rejected it',
  taken_in_by BIGINT    COMMENT 'snapshot of the sessions table by which a retry took the record in, while it is in the history; null without one'
)
USING iceberg
PARTITIONED BY (days(rejected_at))
TBLPROPERTIES (
  'sessionize.schema-version' = '1',
  'format-version' = '2',
  'write.parquet.compression-codec' = 'zstd',
  'write.metadata.compression-codec' = 'gzip',
  'write.metadata.delete-after-commit.enabled' = 'true',
  'write.metadata.previous-versions-max' = '100'
)
