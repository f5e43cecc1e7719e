-- The live view: all sessions as of the last run, closed sessions and open sessions that are not published.
-- An open session has no close_reason and no boundary_rule: its next event may still come.
CREATE OR REPLACE VIEW ${live} AS
SELECT uuid, session_id, session_start_time_ms, session_end_time_ms, session_duration_seconds,
       event_count, pages_visited, session_start, session_end, close_reason, boundary_rule, events, false AS is_open${session_columns}
FROM ${sessions}
UNION ALL
SELECT uuid, session_id, session_start_time_ms, session_end_time_ms, session_duration_seconds,
       event_count, pages_visited, session_start, session_end, CAST(NULL AS STRING) AS close_reason,
       CAST(NULL AS STRING) AS boundary_rule, events, true AS is_open${session_columns}
FROM ${open}
WHERE published IS NOT TRUE
