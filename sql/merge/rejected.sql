-- Adds rejected records. Idempotent by Kafka coordinates: a batch that is retried adds nothing.
MERGE INTO ${target} AS t
USING ${changes} AS c
ON t.topic = c.topic AND t.`partition` = c.`partition` AND t.`offset` = c.`offset` AND (${days})
WHEN NOT MATCHED THEN INSERT
  (topic, `partition`, `offset`, record_time, `key`, value, reason, detail)
  VALUES
  (c.topic, c.`partition`, c.`offset`, c.record_time, c.`key`, c.value, c.reason, c.detail)
