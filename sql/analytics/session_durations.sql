-- Sessions by duration, by day; seconds is the lower bound of a class, which ends at the next lower bound.
SELECT
  CAST(session_start AS DATE) AS day,
  CASE
    WHEN session_duration_seconds < 10 THEN 0
    WHEN session_duration_seconds < 30 THEN 10
    WHEN session_duration_seconds < 60 THEN 30
    WHEN session_duration_seconds < 180 THEN 60
    WHEN session_duration_seconds < 300 THEN 180
    WHEN session_duration_seconds < 600 THEN 300
    WHEN session_duration_seconds < 1200 THEN 600
    WHEN session_duration_seconds < 1800 THEN 1200
    WHEN session_duration_seconds < 3600 THEN 1800
    WHEN session_duration_seconds < 7200 THEN 3600
    ELSE 7200
  END AS seconds,
  count(*) AS sessions
FROM ${live}
WHERE session_start >= TIMESTAMP '${from} 00:00:00Z'
GROUP BY 1, 2
ORDER BY day, seconds
