-- Sessions by the UTC day on which they started: users, events, total seconds, bounces (at most one page), sessions still open.
-- Trino: cardinality for size. Without the view, use the sessions table for ${live}, and false for is_open.
SELECT
  CAST(session_start AS DATE) AS day,
  count(*) AS sessions,
  count(DISTINCT uuid) AS users,
  sum(event_count) AS events,
  sum(session_duration_seconds) AS seconds,
  count(CASE WHEN size(pages_visited) <= 1 THEN 1 END) AS bounces,
  count(CASE WHEN is_open THEN 1 END) AS still_open
FROM ${live}
GROUP BY CAST(session_start AS DATE)
ORDER BY day
