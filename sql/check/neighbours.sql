-- Violations of the invariants between sessions of one user (no duplicate id, no overlap, no cut without a reason, none by another rule),
-- and those of each row by itself: broken.
-- A pair of consecutive sessions of the live view is judged if one of them is changed. The earlier one may be unchanged if it is near. An
-- unchanged row without a next one is not judged: its next one may not have been read. A check of all rows sets is_changed in each row.
-- A row with close_reason null was written by an older version of the job, which did not have that column.
-- A cut that the times do not explain is judged by the rules if edges are known of both rows, or if there are no rules. Their class is not
-- asked: where the row says that it may have cut, it counts. A boundary_rule that is none of the rules is reported by the row itself.
SELECT session_id, uuid, inline(concat(
  transform(coalesce(broken, array()), b -> named_struct('table_name', table_name, 'invariant', b.invariant, 'detail', b.detail)),
  filter(array(named_struct(
    'table_name', '${plain_live}',
    'invariant',
       CASE WHEN NOT is_live OR NOT coalesce(is_changed OR next_is_changed AND session_start_time_ms >= next_start - ${reach}, false)
              THEN NULL
            WHEN next_id = session_id THEN 'id_twice'
            WHEN next_start <= session_end_time_ms THEN 'overlap'
            WHEN close_reason IS NULL THEN NULL
            WHEN coalesce(next_start - session_end_time_ms > ${timeout}, true)
              THEN IF(close_reason <> 'inactivity', 'reason_differs', NULL)
            WHEN next_start - session_start_time_ms > ${maximum}
              THEN CASE close_reason WHEN 'max_duration' THEN NULL WHEN 'inactivity' THEN 'cut_without_reason' ELSE 'reason_differs' END
            WHEN is_judged AND rule IS NOT NULL AND close_reason <> 'boundary' THEN 'reason_differs'
            WHEN close_reason <> 'boundary' OR is_judged AND rule IS NULL THEN 'cut_without_reason'
            WHEN is_judged AND boundary_rule <> rule AND boundary_rule IN (${boundary_rules}) THEN 'rule_differs' END,
    'detail', concat('close_reason is ', coalesce(close_reason, 'null'), coalesce(concat(', boundary_rule is ', boundary_rule), ''),
                     ', next session: ', IF(next_start - session_end_time_ms <= ${reach}, next_id, 'none near'),
                     IF(is_judged, concat(', cut by rule ', coalesce(rule, 'none')), ''))
  )), b -> b.invariant IS NOT NULL)))
FROM (
  SELECT *,
    coalesce(next_start - session_end_time_ms <= ${timeout} AND next_start - session_start_time_ms <= ${maximum}
             AND (NOT ${has_rules} OR edges IS NOT NULL AND edges.split IS NULL AND next_edges IS NOT NULL), false) AS is_judged,
    coalesce(
      edges.ended_by,
      IF(next_edges.starts, 'starts', NULL),
      concat('changes:', get(filter(
        transform(array(${changes}), (name, i) -> IF(edges.last_values[i] <> next_edges.first_values[i], name, NULL)),
        name -> name IS NOT NULL), 0)),
      IF(next_edges.day <> edges.day, 'day_in', NULL),
      IF(${has_class} AND close_reason = 'boundary' AND coalesce(boundary_rule, 'class') = 'class', 'class', NULL),
      IF(edges.events + next_edges.first_events > ${max_events}, 'max_events', NULL)) AS rule
  FROM (
    SELECT table_name, session_id, uuid, session_start_time_ms, session_end_time_ms, close_reason, boundary_rule, is_live, is_changed,
           broken, edges,
           lead(is_changed) OVER user AS next_is_changed,
           lead(session_id) OVER user AS next_id,
           lead(session_start_time_ms) OVER user AS next_start,
           lead(edges) OVER user AS next_edges
    FROM ${table}
    WINDOW user AS (PARTITION BY uuid, is_live ORDER BY session_start_time_ms, session_end_time_ms)
  )
)
