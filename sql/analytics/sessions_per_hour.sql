-- Sessions by the UTC hour in which they began, from a UTC day on.
-- An engine without the view takes the sessions table for ${live}: it lacks the open ones.
SELECT date_trunc('hour', session_start) AS hour, count(*) AS sessions, sum(event_count) AS events
FROM ${live}
WHERE session_start >= TIMESTAMP '${from} 00:00:00Z'
GROUP BY date_trunc('hour', session_start)
ORDER BY hour
