-- Events by lateness, by run: how far they were before the watermark that was published when the run began.
-- Backfills and recomputes are left out: they process old events on purpose.
-- Trino: "user_sessions$history", "user_sessions$snapshots", json_extract_scalar for get_json_object.
SELECT
  h.at,
  s.summary['sessionize.run'] AS run,
  s.summary['sessionize.work'] AS command,
  CAST(s.summary['sessionize.watermark-before-ms'] AS BIGINT) AS watermark_before_ms,
  CAST(get_json_object(s.summary['sessionize.counts'], '$.on_time') AS BIGINT) AS on_time,
  CAST(get_json_object(s.summary['sessionize.counts'], '$.late_under_1_hour') AS BIGINT) AS late_under_1_hour,
  CAST(get_json_object(s.summary['sessionize.counts'], '$.late_under_1_day') AS BIGINT) AS late_under_1_day,
  CAST(get_json_object(s.summary['sessionize.counts'], '$.late_1_day_or_more') AS BIGINT) AS late_1_day_or_more,
  CAST(get_json_object(s.summary['sessionize.counts'], '$.late') AS BIGINT) AS late,
  CAST(get_json_object(s.summary['sessionize.counts'], '$.beyond_horizon') AS BIGINT) AS beyond_horizon
FROM ${sessions}.snapshots AS s JOIN (
  SELECT snapshot_id, min(made_current_at) AS at FROM ${sessions}.history WHERE is_current_ancestor GROUP BY snapshot_id
) AS h ON h.snapshot_id = s.snapshot_id
WHERE s.summary['sessionize.work'] = 'run'
  -- Maintenance repeats the newest run's summary on a separate snapshot.
  AND s.summary['sessionize.content-snapshot'] IS NULL
ORDER BY h.at DESC
