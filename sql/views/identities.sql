-- A view with each user id that was seen on a device: when it was first and last seen, and in how many sessions.
-- It needs the session column user_ids, which the set web has. The device is the uuid. Times are those of the sessions.
-- Trino: CROSS JOIN UNNEST(user_ids) AS seen (id) for LATERAL VIEW.
CREATE OR REPLACE VIEW ${identities} AS
SELECT uuid, seen.id AS user_id, min(session_start) AS first_seen, max(session_end) AS last_seen, count(*) AS sessions
FROM ${live}
LATERAL VIEW explode(user_ids) seen AS id
GROUP BY uuid, seen.id
