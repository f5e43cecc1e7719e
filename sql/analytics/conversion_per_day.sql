-- Conversions (sessions with a key event), key events and revenue, by the UTC day on which the sessions started.
-- key_events and revenue are session columns of the set web. Where a table has none of that name, write NULL for it.
-- A session without a value of key_events is in sessions, but not in key_events_known.
SELECT
  CAST(session_start AS DATE) AS day,
  count(*) AS sessions,
  count(key_events) AS key_events_known,
  count(CASE WHEN key_events > 0 THEN 1 END) AS conversions,
  sum(key_events) AS key_events,
  sum(revenue) AS revenue
FROM ${live}
WHERE session_start >= TIMESTAMP '${from} 00:00:00Z'
GROUP BY CAST(session_start AS DATE)
ORDER BY day
