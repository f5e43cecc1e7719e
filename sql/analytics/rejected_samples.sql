-- The three newest rejected records of each reason, with the beginning of the value.
-- Trino: from_utf8(value) for the cast.
SELECT reason, topic, `partition`, `offset`, record_time, detail, value
FROM (
  SELECT
    reason, topic, `partition`, `offset`, record_time,
    substring(detail, 1, 300) AS detail,
    CAST(substring(value, 1, 500) AS STRING) AS value,
    row_number() OVER (PARTITION BY reason ORDER BY record_time DESC, `partition`, `offset` DESC) AS newest
  FROM ${rejected}
)
WHERE newest <= 3
ORDER BY reason, newest
