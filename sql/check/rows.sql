-- The rows of ${table} as they are judged among their neighbours, and the invariants that each breaks by itself: broken.
-- table_name names its table. A column that an older version of the job did not have may be null. This means not known, and is not a
-- violation. edges is what the rules say of the events (RowEdges); null if there are no such rules.
SELECT table_name, uuid, session_id, session_start_time_ms, session_end_time_ms, close_reason, boundary_rule, is_live, is_changed, edges,
  IF(size(events) IS NULL OR size(events) <= 0, array(
    named_struct('invariant', 'events_missing', 'detail', 'holds no events')
  ), filter(array(
    IF(exists(events, e -> e IS NULL OR e.event_id IS NULL OR e.event_time_ms IS NULL),
       named_struct('invariant', 'event_damaged', 'detail', 'holds an event that is null, or has no id or no time'), NULL),
    IF(event_count IS NULL OR event_count <=> CAST(size(events) AS BIGINT), NULL,
       named_struct('invariant', 'count_differs',
                    'detail', concat('event_count is ', event_count, ', but it holds ', size(events), ' events'))),
    IF(session_start_time_ms <=> first_ms AND session_start <=> timestamp_millis(first_ms), NULL,
       named_struct('invariant', 'start_differs',
                    'detail', concat('session_start_time_ms is ', session_start_time_ms, ', its first event is at ', first_ms))),
    IF(session_end_time_ms <=> last_ms AND (session_end IS NULL OR session_end <=> timestamp_millis(last_ms)), NULL,
       named_struct('invariant', 'end_differs',
                    'detail', concat('session_end_time_ms is ', session_end_time_ms, ', its last event is at ', last_ms))),
    IF(session_duration_seconds IS NULL OR session_duration_seconds <=> (last_ms - first_ms) DIV 1000, NULL,
       named_struct('invariant', 'duration_differs',
                    'detail', concat('session_duration_seconds is ', session_duration_seconds))),
    IF(session_id <=> concat(uuid, '_session_', first_ms), NULL,
       named_struct('invariant', 'id_differs', 'detail', 'session_id is not made of uuid and start')),
    IF(pages_visited IS NULL OR pages_visited <=> array_distinct(filter(events.page_name, p -> p IS NOT NULL)), NULL,
       named_struct('invariant', 'pages_differ', 'detail', 'pages_visited is not what its events visited')),
    -- As strings: array_distinct compares every pair of structs, and a session may hold a million events.
    IF(size(identities) = size(array_distinct(transform(identities, i -> concat(i.event_time_ms, ' ', i.event_id)))), NULL,
       named_struct('invariant', 'event_twice', 'detail', 'holds an event twice')),
    IF(identities <=> array_sort(identities), NULL,
       named_struct('invariant', 'events_unordered', 'detail', 'its events are not in order')),
    IF(array_max(zip_with(slice(times, 2, size(times)), times, (next, t) -> next - t)) > ${timeout},
       named_struct('invariant', 'gap_inside', 'detail', 'holds a pause longer than the inactivity timeout'), NULL),
    IF(last_ms - first_ms > ${maximum},
       named_struct('invariant', 'too_long', 'detail', 'is longer than the maximum session duration'), NULL),
    IF(size(events) > ${max_events} AND first_ms < last_ms,
       named_struct('invariant', 'too_many_events', 'detail', 'holds more events than the rule max_events allows'), NULL),
    IF(edges.split IS NOT NULL,
       named_struct('invariant', 'cut_missing', 'detail', concat('rule ', edges.split, ' splits it at ', edges.split_ms)), NULL),
    IF(boundary_rule IS NULL OR close_reason <=> 'boundary' AND boundary_rule IN (${boundary_rules}), NULL,
       named_struct('invariant', 'rule_differs',
                    'detail', concat('boundary_rule is ', boundary_rule, ', close_reason is ', coalesce(close_reason, 'null'))))
  ), b -> b IS NOT NULL)) AS broken
FROM (
  SELECT table_name, uuid, session_id, session_start_time_ms, session_end_time_ms, session_duration_seconds,
         event_count, pages_visited, session_start, session_end, close_reason, boundary_rule, events, is_live, is_changed, edges,
         events.event_time_ms AS times,
         transform(events, e -> struct(e.event_time_ms, e.`order` IS NULL AS unordered, e.`order`, e.event_id)) AS identities,
         array_min(events.event_time_ms) AS first_ms, array_max(events.event_time_ms) AS last_ms
  FROM ${table}
)
