-- The newest 200 sessions, each with its first 50 events; long strings are truncated.
SELECT
  substring(session_id, 1, 200) AS session_id,
  substring(uuid, 1, 200) AS uuid,
  session_start, session_duration_seconds, event_count, close_reason, is_open,
  transform(slice(pages_visited, 1, 20), p -> substring(p, 1, 100)) AS pages,
  transform(slice(events, 1, 50), e -> struct(
    e.event_time_ms AS time_ms,
    substring(e.page_name, 1, 100) AS page,
    substring(e.event_details.event_name, 1, 100) AS name,
    substring(e.event_details.event_type, 1, 100) AS type,
    substring(e.event_details.event_value, 1, 100) AS value,
    substring(e.booking_details, 1, 200) AS booking)) AS events
FROM ${live}
WHERE session_start >= TIMESTAMP '${from} 00:00:00Z'
ORDER BY session_start_time_ms DESC, session_id
LIMIT 200
