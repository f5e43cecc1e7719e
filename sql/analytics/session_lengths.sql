-- Sessions by number of events, by day; events is the lower bound of a class, which ends at the next lower bound.
SELECT
  CAST(session_start AS DATE) AS day,
  CASE
    WHEN event_count < 6 THEN event_count
    WHEN event_count < 11 THEN 6
    WHEN event_count < 21 THEN 11
    WHEN event_count < 51 THEN 21
    WHEN event_count < 101 THEN 51
    ELSE 101
  END AS events,
  count(*) AS sessions
FROM ${live}
WHERE session_start >= TIMESTAMP '${from} 00:00:00Z'
GROUP BY 1, 2
ORDER BY day, events
