-- Pairs of removed sessions and sessions that hold their events now, most shared events first; in both directions.
WITH gone AS (
  SELECT step, uuid, session_id, explode(before.events) AS event FROM ${changes} WHERE after IS NULL
),
holding AS (
  SELECT step, uuid, session_id, explode(after.events) AS event FROM ${changes} WHERE after IS NOT NULL
),
pairs AS (
  SELECT g.step, g.uuid, g.session_id AS old_id, h.session_id AS new_id, count(*) AS shared
  FROM gone AS g JOIN holding AS h
  ON g.step = h.step AND g.uuid = h.uuid AND g.session_id <> h.session_id
     AND g.event.event_id = h.event.event_id AND g.event.event_time_ms = h.event.event_time_ms
  GROUP BY g.step, g.uuid, g.session_id, h.session_id
),
both_ways AS (
  SELECT step, uuid, old_id AS session_id, true AS is_gone, new_id AS other, shared FROM pairs
  UNION ALL
  SELECT step, uuid, new_id AS session_id, false AS is_gone, old_id AS other, shared FROM pairs
)
SELECT step, uuid, session_id, is_gone,
       transform(sort_array(collect_list(named_struct('fewest', -shared, 'id', other))), pair -> pair.id) AS paired
FROM both_ways
GROUP BY step, uuid, session_id, is_gone
