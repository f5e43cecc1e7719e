-- What was not sessionized, whole, with the reason and where it lies in Kafka.
CREATE TABLE IF NOT EXISTS ${rejected} (
  topic       STRING,
  `partition` INT,
  `offset`    BIGINT,
  record_time TIMESTAMP COMMENT 'timestamp of the Kafka record',
  `key`       BINARY,
  value       BINARY    COMMENT 'the record as it came; null for a tombstone',
  reason      STRING    COMMENT 'malformed, missing_uuid, missing_time, future_time, before_2000 or beyond_horizon',
  detail      STRING    COMMENT 'what is wrong, for people'
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
