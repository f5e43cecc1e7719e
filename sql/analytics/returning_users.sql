-- Sessions by their UTC day and the day of the user's previous session; null if that was before the first day, or if there is none.
-- To count the distinct users of days A to B, count the sessions of these days whose previous_day is null or before A.
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
