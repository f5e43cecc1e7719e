-- How many sessions reached each step of the funnel, by day: each page of :funnel after the previous one, with or without other
-- pages between them.
-- :funnel is an array of strings: sessionize sql --param funnel=home,search or spark.sql(text, args={"funnel": ...}); in other engines
-- replace it by ARRAY['home', 'search'].
-- Trino: reduce for aggregate, UNNEST for explode.
SELECT day, step, get(:funnel, step - 1) AS page, count(*) AS sessions
FROM (
  SELECT day, explode(sequence(1, reached)) AS step
  FROM (
    SELECT
      CAST(session_start AS DATE) AS day,
      aggregate(events.page_name, 0, (done, page) -> IF(page = get(:funnel, done), done + 1, done)) AS reached
    FROM ${live}
    WHERE session_start >= TIMESTAMP '${from} 00:00:00Z'
  )
  WHERE reached > 0
)
GROUP BY day, step
ORDER BY day, step
