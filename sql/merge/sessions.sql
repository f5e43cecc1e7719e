-- Merges the changes of one batch. The days are literals, because only literals prune the target's files.
MERGE INTO ${target} AS t
USING ${changes} AS c
ON t.session_id = c.session_id AND t.uuid = c.uuid AND (${days})
WHEN MATCHED AND c.change = 'REMOVED' THEN DELETE
WHEN MATCHED THEN UPDATE SET
  uuid = c.uuid, session_id = c.session_id,
  session_start_time_ms = c.session_start_time_ms, session_end_time_ms = c.session_end_time_ms,
  session_duration_seconds = c.session_duration_seconds, event_count = c.event_count,
  pages_visited = c.pages_visited, session_start = c.session_start, session_end = c.session_end,
  close_reason = c.close_reason, events = c.events
WHEN NOT MATCHED AND c.change <> 'REMOVED' THEN INSERT
  (uuid, session_id, session_start_time_ms, session_end_time_ms, session_duration_seconds, event_count,
   pages_visited, session_start, session_end, close_reason, events)
  VALUES
  (c.uuid, c.session_id, c.session_start_time_ms, c.session_end_time_ms, c.session_duration_seconds, c.event_count,
   c.pages_visited, c.session_start, c.session_end, c.close_reason, c.events)
