-- The rejected table: rejected records, whole, with the reason and the Kafka coordinates.
CREATE TABLE IF NOT EXISTS ${rejected} (
  topic       STRING,
  `partition` INT,
  `offset`    BIGINT,
  record_time TIMESTAMP COMMENT 'timestamp of the Kafka record',
  `key`       BINARY,
  value       BINARY    COMMENT 'the unchanged value of the record; null for a tombstone',
  reason      STRING    COMMENT 'malformed, missing_uuid, missing_time, future_time, before_2000 or beyond_horizon',
  detail      STRING    COMMENT 'readable description of what is wrong'
)
USING iceberg
PARTITIONED BY (days(record_time))
TBLPROPERTIES (
  'sessionize.schema-version' = '1',
  'format-version' = '2',
  'write.parquet.compression-codec' = 'zstd',
  'write.metadata.delete-after-commit.enabled' = 'true',
  'write.metadata.previous-versions-max' = '100'
)
