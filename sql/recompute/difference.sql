-- Compares two snapshots of ${sessions} by day, and returns the days that differ.
SELECT coalesce(b.day, a.day) AS day,
       coalesce(b.sessions, 0) AS sessions_before, coalesce(a.sessions, 0) AS sessions_after,
       coalesce(b.users, 0) AS users_before, coalesce(a.users, 0) AS users_after,
       b.average_seconds AS average_seconds_before, a.average_seconds AS average_seconds_after,
       b.bounce_rate AS bounce_rate_before, a.bounce_rate AS bounce_rate_after,
       b.conversion_rate AS conversion_rate_before, a.conversion_rate AS conversion_rate_after
FROM (
  SELECT to_date(session_start) AS day, count(*) AS sessions, count(DISTINCT uuid) AS users,
         round(avg(session_duration_seconds), 1) AS average_seconds, round(avg(IF(event_count = 1, 1, 0)), 4) AS bounce_rate,
         round(avg(CAST(${converts_before} AS INT)), 4) AS conversion_rate
  FROM ${sessions} VERSION AS OF ${before} GROUP BY to_date(session_start)
) AS b
FULL OUTER JOIN (
  SELECT to_date(session_start) AS day, count(*) AS sessions, count(DISTINCT uuid) AS users,
         round(avg(session_duration_seconds), 1) AS average_seconds, round(avg(IF(event_count = 1, 1, 0)), 4) AS bounce_rate,
         round(avg(CAST(${converts_after} AS INT)), 4) AS conversion_rate
  FROM ${sessions} VERSION AS OF ${after} GROUP BY to_date(session_start)
) AS a ON b.day = a.day
WHERE NOT (b.sessions <=> a.sessions AND b.users <=> a.users AND b.average_seconds <=> a.average_seconds
           AND b.bounce_rate <=> a.bounce_rate AND b.conversion_rate <=> a.conversion_rate)
ORDER BY day
