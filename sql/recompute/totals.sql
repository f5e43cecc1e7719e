-- The totals of two snapshots of ${sessions}.
SELECT 'before' AS side, count(*) AS sessions, count(DISTINCT uuid) AS users,
       round(avg(session_duration_seconds), 1) AS average_seconds, round(avg(IF(event_count = 1, 1, 0)), 4) AS bounce_rate,
       round(avg(CAST(${converts_before} AS INT)), 4) AS conversion_rate
FROM ${sessions} VERSION AS OF ${before}
UNION ALL
SELECT 'after' AS side, count(*) AS sessions, count(DISTINCT uuid) AS users,
       round(avg(session_duration_seconds), 1) AS average_seconds, round(avg(IF(event_count = 1, 1, 0)), 4) AS bounce_rate,
       round(avg(CAST(${converts_after} AS INT)), 4) AS conversion_rate
FROM ${sessions} VERSION AS OF ${after}
