-- Pages by day: sessions that saw the page, that started with it, that saw no other page (bounces), that ended with it.
-- The inner query leaves no list but that of the pages: a list that is carried on each of its pages takes quadratic memory.
-- Trino: CROSS JOIN UNNEST(pages_visited) AS t (page), transform(events, e -> e.page_name), element_at, cardinality.
SELECT
  day,
  page,
  count(*) AS sessions,
  count(CASE WHEN page = entry THEN 1 END) AS entries,
  count(CASE WHEN page = entry AND pages = 1 THEN 1 END) AS bounces,
  count(CASE WHEN page = exit THEN 1 END) AS exits
FROM (
  SELECT day, explode(pages_visited) AS page, entry, exit, pages
  FROM (
    SELECT
      CAST(session_start AS DATE) AS day,
      pages_visited,
      get(pages_visited, 0) AS entry,
      try_element_at(filter(events.page_name, p -> p IS NOT NULL), -1) AS exit,
      size(pages_visited) AS pages
    FROM ${live}
    WHERE session_start >= TIMESTAMP '${from} 00:00:00Z'
  )
)
GROUP BY day, page
ORDER BY day, sessions DESC, page
