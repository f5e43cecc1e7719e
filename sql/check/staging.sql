-- Violations of the invariants of staging: published is true for exactly those open sessions that are in the sessions table too, both
-- rows of such a session are equal, no published session stands twice (others are judged in the live view), and no session is open
-- that the watermark has closed.
SELECT session_id, uuid, broken.invariant, broken.detail
FROM (
  SELECT o.session_id, o.uuid, explode(filter(array(
    IF(o.published <> (s.session_id IS NOT NULL),
       named_struct('invariant', 'published_differs',
                    'detail', concat('staging says published = ', o.published, ', but ${plain_sessions} ',
                                     IF(s.session_id IS NULL, 'does not hold it', 'holds it'))), NULL),
    IF(o.published AND (s.session_end_time_ms <> o.session_end_time_ms OR s.close_reason <> o.close_reason),
       named_struct('invariant', 'copies_differ',
                    'detail', concat('its end and close_reason are ', o.session_end_time_ms, ' and ', o.close_reason,
                                     ' in staging, ', s.session_end_time_ms, ' and ', s.close_reason, ' in ${plain_sessions}')), NULL),
    IF(o.published AND o.copies > 1,
       named_struct('invariant', 'id_twice', 'detail', concat(o.copies, ' rows of staging')), NULL),
    IF(o.session_end_time_ms + ${timeout} < ${watermark},
       named_struct('invariant', 'not_closed', 'detail', 'is open, but the watermark has closed it'), NULL)
  ), b -> b IS NOT NULL)) AS broken
  FROM (
    SELECT session_id, uuid, session_end_time_ms, close_reason, published,
           count(*) OVER (PARTITION BY uuid, session_id) AS copies
    FROM ${table}
  ) AS o LEFT JOIN ${sessions} AS s ON o.session_id = s.session_id AND o.uuid = s.uuid
)
