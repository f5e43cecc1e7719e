-- Adds rejected records. Idempotent by Kafka coordinates: a batch that is retried adds nothing.
-- The offsets are literals, because only literals prune the target's files.
MERGE INTO ${target} AS t
USING ${changes} AS c
ON t.topic = c.topic AND t.`partition` = c.`partition` AND t.`offset` = c.`offset` AND t.`index` <=> c.`index`
  AND (${offsets})
WHEN NOT MATCHED THEN INSERT
  (topic, `partition`, `offset`, `index`, record_time, `key`, value, reason, detail, rejected_at)
  VALUES
  (c.topic, c.`partition`, c.`offset`, c.`index`, c.record_time, c.`key`, c.value, c.reason, c.detail, c.rejected_at)
