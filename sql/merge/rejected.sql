-- Idempotent by Kafka coordinates: a batch that is tried again adds nothing.
MERGE INTO ${target} AS t
USING ${changes} AS c
ON t.topic = c.topic AND t.`partition` = c.`partition` AND t.`offset` = c.`offset` AND (${days})
WHEN NOT MATCHED THEN INSERT *
