-- Marks rejected records that a retry took in. The row stays. The mark holds while the summary of staging lists the snapshot.
-- The offsets are literals, because only literals prune the target's files.
MERGE INTO ${target} AS t
USING ${changes} AS c
ON t.topic = c.topic AND t.`partition` = c.`partition` AND t.`offset` = c.`offset` AND t.`index` <=> c.`index`
  AND t.record_time <=> c.record_time
  AND (${offsets})
WHEN MATCHED THEN UPDATE SET taken_in_by = ${snapshot}
