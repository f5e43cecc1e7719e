-- Adds rejected records. Idempotent by Kafka coordinates and record time: a batch that is retried adds nothing. A topic that
-- was recreated has other records at the same coordinates.
-- The offsets are literals, because only literals prune the target's files.
MERGE INTO ${target} AS t
USING ${changes} AS c
ON t.topic = c.topic AND t.`partition` = c.`partition` AND t.`offset` = c.`offset` AND t.`index` <=> c.`index`
  AND t.record_time <=> c.record_time
  AND (${offsets})
WHEN NOT MATCHED THEN INSERT
  (topic, `partition`, `offset`, `index`, record_time, `key`, value, reason, detail, rejected_at, taken_in_by)
  VALUES
  (c.topic, c.`partition`, c.`offset`, c.`index`, c.record_time, c.`key`, c.value, c.reason, c.detail, c.rejected_at, NULL)
