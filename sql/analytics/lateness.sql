-- Lateness of events, copies included, by the UTC day of the runs that read them; and the sessions that these runs added, changed and removed.
-- Lateness is measured from the watermark that was published when the run began. Backfills are left out: they read old events on purpose.
-- The result reaches back as far as snapshots are kept. Trino: "user_sessions$history", "user_sessions$snapshots",
-- json_extract_scalar for get_json_object.
SELECT
  CAST(at AS DATE) AS day,
  count(*) AS batches,
  sum(CAST(get_json_object(counts, '$.on_time') AS BIGINT)) AS on_time,
  sum(CAST(get_json_object(counts, '$.late_under_1_hour') AS BIGINT)) AS late_under_1_hour,
  sum(CAST(get_json_object(counts, '$.late_under_1_day') AS BIGINT)) AS late_under_1_day,
  sum(CAST(get_json_object(counts, '$.late_1_day_or_more') AS BIGINT)) AS late_1_day_or_more,
  sum(CAST(get_json_object(counts, '$.beyond_horizon') AS BIGINT)) AS beyond_horizon,
  sum(CAST(get_json_object(counts, '$.sessions_added') AS BIGINT)) AS sessions_added,
  sum(CAST(get_json_object(counts, '$.sessions_changed') AS BIGINT)) AS sessions_changed,
  sum(CAST(get_json_object(counts, '$.sessions_removed') AS BIGINT)) AS sessions_removed
FROM (
  SELECT h.at, s.summary['sessionize.counts'] AS counts
  FROM ${sessions}.snapshots AS s JOIN (
    SELECT snapshot_id, min(made_current_at) AS at FROM ${sessions}.history WHERE is_current_ancestor GROUP BY snapshot_id
  ) AS h ON h.snapshot_id = s.snapshot_id
  WHERE s.summary['sessionize.work'] = 'run'
    -- Maintenance repeats the newest summary on a separate snapshot.
    AND s.summary['sessionize.content-snapshot'] IS NULL
    AND s.summary['sessionize.counts'] <> '{}'
)
GROUP BY CAST(at AS DATE)
ORDER BY day
