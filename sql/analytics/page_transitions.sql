-- The journey, by day: the page that sessions saw as their n-th (step), and the next page; null if the session ended there.
-- Consecutive events on one page are one step. Returning to a page is a new step, so the journey has no cycles.
-- Trino: UNNEST(journey) WITH ORDINALITY for posexplode, zip_with(journey, slice(...)) for the lambda with an index.
SELECT day, step, from_page, to_page, count(*) AS sessions
FROM (
  SELECT day, position + 1 AS step, from_page, get(journey, position + 1) AS to_page
  FROM (
    SELECT day, filter(pages, (p, i) -> i = 0 OR p <> get(pages, i - 1)) AS journey
    FROM (
      SELECT CAST(session_start AS DATE) AS day, filter(events.page_name, p -> p IS NOT NULL) AS pages
      FROM ${live}
      WHERE session_start >= TIMESTAMP '${from} 00:00:00Z'
    )
  )
  LATERAL VIEW posexplode(journey) AS position, from_page
)
GROUP BY day, step, from_page, to_page
ORDER BY day, step, sessions DESC, from_page, to_page
