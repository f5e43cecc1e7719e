-- Violations of the invariant between staging and the sessions table: published is true for exactly those open sessions that are in both.
SELECT o.session_id, o.uuid, 'published_differs' AS invariant,
       concat('staging says published = ', o.published, ', but ${plain_sessions} ',
              IF(s.session_id IS NULL, 'does not hold it', 'holds it')) AS detail
FROM ${table} AS o LEFT JOIN ${sessions} AS s ON o.session_id = s.session_id AND o.uuid = s.uuid
WHERE o.published <> (s.session_id IS NOT NULL)
