-- The journey, by day: the page that sessions saw as their n-th (step), and the next page; null if the session ended there.
-- Consecutive events on one page are one step. Returning to a page is a new step, so the journey has no cycles.
-- Neighbours are paired before they are compared or exploded: a list that is carried on each of its pages, or is indexed within
-- a lambda, takes quadratic memory or time.
-- Trino: UNNEST(steps) WITH ORDINALITY for posexplode, CAST(ROW(a, b) AS ROW(...)) for struct.
SELECT day, position + 1 AS step, pair.from_page, pair.to_page, count(*) AS sessions
FROM (
  SELECT day, posexplode(steps) AS (position, pair)
  FROM (
    SELECT day, zip_with(journey, slice(journey, 2, size(journey)), (f, t) -> struct(f AS from_page, t AS to_page)) AS steps
    FROM (
      SELECT day, transform(filter(
          zip_with(concat(array(CAST(NULL AS STRING)), pages), pages, (b, p) -> struct(b AS before, p AS page)),
          s -> s.page IS NOT NULL AND (s.before IS NULL OR s.before <> s.page)), s -> s.page) AS journey
      FROM (
        SELECT CAST(session_start AS DATE) AS day, filter(events.page_name, p -> p IS NOT NULL) AS pages
        FROM ${live}
        WHERE session_start >= TIMESTAMP '${from} 00:00:00Z'
      )
    )
  )
)
GROUP BY day, position, pair.from_page, pair.to_page
ORDER BY day, step, sessions DESC, from_page, to_page
