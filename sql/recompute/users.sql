-- The twenty users with most sessions that only one of two snapshots of ${sessions} has, and what ends these sessions.
SELECT uuid,
       sum(IF(side = 'before', sessions, 0)) AS only_before, sum(IF(side = 'after', sessions, 0)) AS only_after,
       array_join(array_sort(collect_list(IF(side = 'before', ended_by, NULL))), ', ') AS ended_by_before,
       array_join(array_sort(collect_list(IF(side = 'after', ended_by, NULL))), ', ') AS ended_by_after
FROM (
  SELECT uuid, side, count(*) AS sessions, concat(why, ' ', count(*)) AS ended_by
  FROM (
    SELECT 'before' AS side, uuid, coalesce(boundary_rule, close_reason) AS why
    FROM ${sessions} VERSION AS OF ${before} AS b LEFT ANTI JOIN ${sessions} VERSION AS OF ${after} AS a
      ON b.uuid = a.uuid AND b.session_start_time_ms = a.session_start_time_ms AND b.session_end_time_ms = a.session_end_time_ms
    UNION ALL
    SELECT 'after' AS side, uuid, coalesce(boundary_rule, close_reason) AS why
    FROM ${sessions} VERSION AS OF ${after} AS a LEFT ANTI JOIN ${sessions} VERSION AS OF ${before} AS b
      ON b.uuid = a.uuid AND b.session_start_time_ms = a.session_start_time_ms AND b.session_end_time_ms = a.session_end_time_ms
  )
  GROUP BY uuid, side, why
)
GROUP BY uuid
ORDER BY only_before + only_after DESC, uuid
LIMIT 20
