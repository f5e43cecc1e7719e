-- Sessions by their UTC day and the day of the same user's session before; null where that was before the first day, or never.
-- The distinct users of days A to B: the sessions of these days whose previous_day is null or before A.
SELECT day, previous_day, count(*) AS sessions
FROM (
  SELECT
    CAST(session_start AS DATE) AS day,
    CAST(lag(session_start) OVER (PARTITION BY uuid ORDER BY session_start_time_ms) AS DATE) AS previous_day
  FROM ${live}
  WHERE session_start >= TIMESTAMP '${from} 00:00:00Z'
)
GROUP BY day, previous_day
ORDER BY day, previous_day
