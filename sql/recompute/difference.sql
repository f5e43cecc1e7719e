-- Compares two snapshots of ${sessions} by day, and returns the days that differ.
SELECT coalesce(b.day, a.day) AS day,
       coalesce(b.sessions, 0) AS sessions_before, coalesce(a.sessions, 0) AS sessions_after,
       b.average_seconds AS average_seconds_before, a.average_seconds AS average_seconds_after,
       b.bounce_rate AS bounce_rate_before, a.bounce_rate AS bounce_rate_after
FROM (
  SELECT to_date(session_start) AS day, count(*) AS sessions, round(avg(session_duration_seconds), 1) AS average_seconds,
         round(avg(IF(event_count = 1, 1, 0)), 4) AS bounce_rate
  FROM ${sessions} VERSION AS OF ${before} GROUP BY to_date(session_start)
) AS b
FULL OUTER JOIN (
  SELECT to_date(session_start) AS day, count(*) AS sessions, round(avg(session_duration_seconds), 1) AS average_seconds,
         round(avg(IF(event_count = 1, 1, 0)), 4) AS bounce_rate
  FROM ${sessions} VERSION AS OF ${after} GROUP BY to_date(session_start)
) AS a ON b.day = a.day
WHERE NOT (b.sessions <=> a.sessions AND b.average_seconds <=> a.average_seconds AND b.bounce_rate <=> a.bounce_rate)
ORDER BY day
