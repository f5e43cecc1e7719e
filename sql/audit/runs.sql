-- The runs, one row per snapshot of the sessions table, the newest first; external commits are shown as 'external commit'.
-- A run with --max-offsets-per-trigger makes several snapshots, which share a run id.
-- Replace ${sessions} and ${open}. Trino: "user_sessions$history", "user_sessions$snapshots", "user_sessions_open$snapshots", json_extract_scalar for get_json_object.
-- PyIceberg: table.history() and table.inspect.snapshots().
SELECT
  h.at,
  coalesce(
    s.summary['sessionize.work'],
    CASE WHEN s.operation = 'replace' THEN 'compaction' ELSE concat('external commit (', s.operation, ')') END) AS what,
  o.summary['sessionize.offsets-from'] AS offsets_from,
  o.summary['sessionize.offsets-to'] AS offsets_to,
  CAST(s.summary['sessionize.watermark-before-ms'] AS BIGINT) AS watermark_before_ms,
  CAST(s.summary['sessionize.watermark-ms'] AS BIGINT) AS watermark_ms,
  CAST(get_json_object(s.summary['sessionize.counts'], '$.sessions_added') AS BIGINT) AS added,
  CAST(get_json_object(s.summary['sessionize.counts'], '$.sessions_changed') AS BIGINT) AS changed,
  CAST(get_json_object(s.summary['sessionize.counts'], '$.sessions_removed') AS BIGINT) AS removed,
  -- Backfills and recomputes process old events on purpose: they are not late.
  CASE WHEN s.summary['sessionize.work'] = 'run'
    THEN CAST(get_json_object(s.summary['sessionize.counts'], '$.late') AS BIGINT) END AS late,
  CAST(get_json_object(s.summary['sessionize.counts'], '$.rejected') AS BIGINT) AS rejected,
  CAST(get_json_object(s.summary['sessionize.counts'], '$.milliseconds_to_restate') AS BIGINT) / 1000.0 AS seconds,
  s.summary['sessionize.version'] AS version,
  s.summary['sessionize.rules'] AS rules,
  s.summary['sessionize.run'] AS run,
  s.snapshot_id AS snapshot
FROM ${sessions}.snapshots AS s JOIN (
  SELECT snapshot_id, min(made_current_at) AS at FROM ${sessions}.history WHERE is_current_ancestor GROUP BY snapshot_id
) AS h ON h.snapshot_id = s.snapshot_id
-- The staging table records the offsets, in the snapshot that belongs to the one of the sessions table.
LEFT JOIN ${open}.snapshots AS o
  ON o.summary['sessionize.sessions-snapshot'] = CAST(s.snapshot_id AS STRING)
  AND o.summary['sessionize.content-snapshot'] IS NULL
-- Maintenance repeats the newest run's summary on a separate snapshot.
WHERE s.summary['sessionize.content-snapshot'] IS NULL
ORDER BY h.at DESC
