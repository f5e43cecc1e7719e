-- Rejected records by reason, with their offsets in Kafka.
SELECT
  topic, `partition`, reason,
  count(*) AS records,
  min(`offset`) AS first_offset, max(`offset`) AS last_offset,
  min(record_time) AS first_time, max(record_time) AS last_time
FROM ${rejected}
GROUP BY topic, `partition`, reason
ORDER BY reason, topic, `partition`
