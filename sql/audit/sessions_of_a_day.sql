-- The sessions that started on a UTC day, as of a snapshot or tag.
-- sessionize sql -f: --spark-conf day=2026-11-22 --spark-conf snapshot=ID
-- Put a tag in quotes: FOR VERSION AS OF 'audit-2026-11-22'.
-- Trino: TIMESTAMP '2026-11-22 00:00:00 UTC'. PyIceberg: table.scan(snapshot_id=..., row_filter=...).
SELECT
  session_id, uuid, session_start, session_end, session_duration_seconds, event_count, pages_visited, close_reason, boundary_rule
FROM ${sessions} FOR VERSION AS OF ${snapshot}
WHERE session_start >= TIMESTAMP '${day} 00:00:00Z'
  AND session_start < TIMESTAMP '${day} 00:00:00Z' + INTERVAL '1' DAY
ORDER BY session_start, session_id
