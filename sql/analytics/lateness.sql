-- How late events came, by the UTC day of the runs that read them, copies included; and the sessions these runs closed and restated.
-- Lateness counts from the watermark that was published when the run began. Only runs: a backfill reads old events on purpose.
-- It reaches back as far as snapshots are kept. Trino: "user_sessions$history", "user_sessions$snapshots",
-- json_extract_scalar for get_json_object.
SELECT
  CAST(at AS DATE) AS day,
  count(*) AS batches,
  sum(CAST(get_json_object(counts, '$.on_time') AS BIGINT)) AS on_time,
  sum(CAST(get_json_object(counts, '$.late_under_1_hour') AS BIGINT)) AS late_under_1_hour,
  sum(CAST(get_json_object(counts, '$.late_under_1_day') AS BIGINT)) AS late_under_1_day,
  sum(CAST(get_json_object(counts, '$.late_1_day_or_more') AS BIGINT)) AS late_1_day_or_more,
  sum(CAST(get_json_object(counts, '$.beyond_horizon') AS BIGINT)) AS beyond_horizon,
  sum(CAST(get_json_object(counts, '$.closed') AS BIGINT)) AS closed,
  sum(CAST(get_json_object(counts, '$.restated') AS BIGINT)) AS restated
FROM (
  SELECT h.at, s.summary['sessionize.counts'] AS counts
  FROM ${sessions}.snapshots AS s JOIN (
    SELECT snapshot_id, min(made_current_at) AS at FROM ${sessions}.history WHERE is_current_ancestor GROUP BY snapshot_id
  ) AS h ON h.snapshot_id = s.snapshot_id
  WHERE s.summary['sessionize.command'] = 'run'
    -- Maintenance repeats the newest summary on a snapshot of its own.
    AND s.summary['sessionize.content-snapshot'] IS NULL
    AND s.summary['sessionize.counts'] <> '{}'
)
GROUP BY CAST(at AS DATE)
ORDER BY day
