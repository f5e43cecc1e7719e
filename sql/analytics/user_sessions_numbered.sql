-- All sessions with a running number per user, and the id that is made of it: user-1234_session_1 is a user's first.
-- A late event that brings an earlier session moves all numbers after it, so that they are no keys; session_id is one.
-- Trino: VARCHAR for STRING.
SELECT
  uuid,
  row_number() OVER (PARTITION BY uuid ORDER BY session_start_time_ms) AS session_number,
  concat(uuid, '_session_', CAST(row_number() OVER (PARTITION BY uuid ORDER BY session_start_time_ms) AS STRING))
    AS numbered_session_id,
  session_id, session_start, session_end, session_duration_seconds, event_count, pages_visited
FROM ${live}
ORDER BY uuid, session_number
