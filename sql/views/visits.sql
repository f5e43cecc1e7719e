-- A view with the visitor numbers of each session: its number among the user's sessions, the first session, and the days since the last one.
-- They depend on all sessions of the user, so a late event can change them. A query reads five columns of all sessions, and sorts them by user.
-- The query is ANSI SQL: for another engine, create the view there with its own names.
CREATE OR REPLACE VIEW ${visits} AS
SELECT
  uuid, session_id, session_start, is_open,
  row_number() OVER (PARTITION BY uuid ORDER BY session_start_time_ms) AS session_number,
  CASE WHEN row_number() OVER (PARTITION BY uuid ORDER BY session_start_time_ms) = 1
    THEN 'new' ELSE 'returning' END AS visitor,
  min(session_start) OVER (PARTITION BY uuid) AS first_session_start,
  -- Whole days of 24 hours from start to start; null for the first session.
  CAST(floor((session_start_time_ms - lag(session_start_time_ms) OVER (PARTITION BY uuid ORDER BY session_start_time_ms))
    / 86400000.0) AS BIGINT) AS days_since_last
FROM ${live}
