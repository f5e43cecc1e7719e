-- Violations of the invariants between sessions of one user: no duplicate id, no overlap, and no cut without a reason.
-- A pair of consecutive sessions is judged if one of them is changed. The earlier one may be unchanged if it is near. A check of
-- all rows sets is_changed in each row.
-- A row with close_reason null was written by an older version of the job, which did not have that column.
SELECT session_id, uuid,
       CASE WHEN next_id = session_id THEN 'id_twice'
            WHEN next_start <= session_end_time_ms THEN 'overlap'
            WHEN coalesce(next_start - session_end_time_ms > ${timeout}, true) THEN 'reason_differs'
            ELSE 'cut_without_reason' END AS invariant,
       concat('close_reason is ', coalesce(close_reason, 'null'), ', next session: ',
              IF(next_start - session_end_time_ms <= ${reach}, next_id, 'none near')) AS detail
FROM (
  SELECT session_id, uuid, session_start_time_ms, session_end_time_ms, close_reason, is_changed,
         lead(is_changed) OVER user AS next_is_changed,
         lead(session_id) OVER user AS next_id,
         lead(session_start_time_ms) OVER user AS next_start
  FROM ${table}
  WINDOW user AS (PARTITION BY uuid ORDER BY session_start_time_ms, session_end_time_ms)
)
WHERE (is_changed OR next_is_changed AND session_start_time_ms >= next_start - ${reach}) AND (
      next_id = session_id
   OR next_start <= session_end_time_ms
   OR (close_reason IS NOT NULL
       AND next_start - session_end_time_ms <= ${timeout}
       AND NOT (close_reason <=> 'boundary')
       AND NOT (close_reason <=> 'max_duration' AND next_start - session_start_time_ms > ${maximum}))
   OR (close_reason <> 'inactivity' AND coalesce(next_start - session_end_time_ms > ${timeout}, true)))
