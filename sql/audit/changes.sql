-- The sessions of a UTC day that differ between two snapshots. Without the two conditions on the day, the query reads all days.
-- sessionize sql -f: --spark-conf day=2026-11-22 --spark-conf from_snapshot=ID --spark-conf to_snapshot=ID
-- Trino: TIMESTAMP '2026-11-22 00:00:00 UTC', CAST(events AS JSON).
WITH old AS (
  SELECT * FROM ${sessions} FOR VERSION AS OF ${from_snapshot}
  WHERE session_start >= TIMESTAMP '${day} 00:00:00Z'
    AND session_start < TIMESTAMP '${day} 00:00:00Z' + INTERVAL '1' DAY
),
new AS (
  SELECT * FROM ${sessions} FOR VERSION AS OF ${to_snapshot}
  WHERE session_start >= TIMESTAMP '${day} 00:00:00Z'
    AND session_start < TIMESTAMP '${day} 00:00:00Z' + INTERVAL '1' DAY
)
SELECT
  CASE WHEN old.session_id IS NULL THEN 'added' WHEN new.session_id IS NULL THEN 'removed' ELSE 'changed' END AS change,
  coalesce(new.session_id, old.session_id) AS session_id,
  coalesce(new.uuid, old.uuid) AS uuid,
  old.session_end AS old_end, new.session_end AS new_end,
  old.event_count AS old_events, new.event_count AS new_events,
  old.close_reason AS old_reason, new.close_reason AS new_reason
FROM old FULL OUTER JOIN new ON old.session_id = new.session_id AND old.uuid = new.uuid
WHERE old.session_id IS NULL
   OR new.session_id IS NULL
   OR old.session_start_time_ms IS DISTINCT FROM new.session_start_time_ms
   OR old.session_end_time_ms IS DISTINCT FROM new.session_end_time_ms
   OR old.session_duration_seconds IS DISTINCT FROM new.session_duration_seconds
   OR old.event_count IS DISTINCT FROM new.event_count
   OR old.pages_visited IS DISTINCT FROM new.pages_visited
   OR old.session_start IS DISTINCT FROM new.session_start
   OR old.session_end IS DISTINCT FROM new.session_end
   OR old.close_reason IS DISTINCT FROM new.close_reason
   OR old.boundary_rule IS DISTINCT FROM new.boundary_rule
   -- As JSON: a definition may have added columns to the events in between.
   OR to_json(old.events) IS DISTINCT FROM to_json(new.events)
ORDER BY session_id
