-- All sessions with a running number per user, and an id made of it: user-1234_session_1 is the user's first session.
-- A late event can add an earlier session and so change all later numbers. They are not keys; session_id is a key.
-- Trino: VARCHAR for STRING.
SELECT
  uuid,
  row_number() OVER (PARTITION BY uuid ORDER BY session_start_time_ms) AS session_number,
  concat(uuid, '_session_', CAST(row_number() OVER (PARTITION BY uuid ORDER BY session_start_time_ms) AS STRING))
    AS numbered_session_id,
  session_id, session_start, session_end, session_duration_seconds, event_count, pages_visited
FROM ${live}
ORDER BY uuid, session_number
