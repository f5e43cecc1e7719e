-- All sessions as of the last run: the closed ones, and the open ones that are not published yet.
CREATE OR REPLACE VIEW ${live} AS
SELECT uuid, session_id, session_start_time_ms, session_end_time_ms, session_duration_seconds,
       event_count, pages_visited, session_start, session_end, close_reason, events, false AS is_open
FROM ${sessions}
UNION ALL
SELECT uuid, session_id, session_start_time_ms, session_end_time_ms, session_duration_seconds,
       event_count, pages_visited, session_start, session_end, close_reason, events, true AS is_open
FROM ${open}
WHERE published IS NOT TRUE
