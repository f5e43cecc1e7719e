-- Sessions by the UTC hour in which they started, from a UTC day on.
-- Without the view, use the sessions table for ${live}: open sessions are then missing.
SELECT date_trunc('hour', session_start) AS hour, count(*) AS sessions, sum(event_count) AS events
FROM ${live}
WHERE session_start >= TIMESTAMP '${from} 00:00:00Z'
GROUP BY date_trunc('hour', session_start)
ORDER BY hour
