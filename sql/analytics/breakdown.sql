-- Sessions by the value of text columns, by day: bounces, conversions (sessions with a key event) and revenue.
-- ${columns} are session columns: sessionize sql --spark-conf columns=channel,device. The result has the position of each, from 0.
-- bounced, key_events and revenue are session columns of the set web. Where a table has none of that name, write NULL for it.
-- A session without a value of bounced or key_events is in sessions, but not in bounced_known or key_events_known.
-- Trino: CROSS JOIN UNNEST(ARRAY[channel, device]) WITH ORDINALITY AS t (value, position), from 1, for posexplode.
SELECT
  day,
  position,
  value,
  count(*) AS sessions,
  count(bounced) AS bounced_known,
  count(CASE WHEN bounced THEN 1 END) AS bounces,
  count(key_events) AS key_events_known,
  count(CASE WHEN key_events > 0 THEN 1 END) AS conversions,
  sum(revenue) AS revenue
FROM (
  SELECT CAST(session_start AS DATE) AS day, bounced, key_events, revenue, posexplode(array(${columns})) AS (position, value)
  FROM ${live}
  WHERE session_start >= TIMESTAMP '${from} 00:00:00Z'
)
GROUP BY day, position, value
ORDER BY day, position, sessions DESC, value
