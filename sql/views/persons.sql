-- A view with the person of each session, to join by: the user id of the session, or else the next one that was seen on the device,
-- or else the last one before, or else the device itself. So two users of one device stay two persons.
-- It needs the session column user_id, which the set web has. Nothing is restated: a login changes what the view shows of earlier sessions.
-- A query reads five columns of all sessions, and sorts them by device. The query is ANSI SQL.
CREATE OR REPLACE VIEW ${persons} AS
SELECT
  uuid, session_id, session_start, user_id,
  coalesce(
    user_id,
    first_value(user_id) IGNORE NULLS OVER (
      PARTITION BY uuid ORDER BY session_start_time_ms ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING),
    last_value(user_id) IGNORE NULLS OVER (
      PARTITION BY uuid ORDER BY session_start_time_ms ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
    uuid) AS person_id,
  max(user_id) OVER (PARTITION BY uuid) IS NOT NULL AS is_identified
FROM ${live}
