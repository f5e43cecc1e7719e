-- Sizes of the three tables now: rows, data files, bytes, and the delete files that late events leave until compaction.
-- Rows that are deleted by delete files are still counted. Trino: "user_sessions$files" and so on.
SELECT 'closed' AS holds, count(CASE WHEN content = 0 THEN 1 END) AS files,
  coalesce(sum(CASE WHEN content = 0 THEN record_count END), 0) AS stored_rows,
  coalesce(sum(file_size_in_bytes), 0) AS bytes, count(CASE WHEN content <> 0 THEN 1 END) AS delete_files
FROM ${sessions}.files
UNION ALL
SELECT 'open', count(CASE WHEN content = 0 THEN 1 END),
  coalesce(sum(CASE WHEN content = 0 THEN record_count END), 0),
  coalesce(sum(file_size_in_bytes), 0), count(CASE WHEN content <> 0 THEN 1 END)
FROM ${open}.files
UNION ALL
SELECT 'rejected', count(CASE WHEN content = 0 THEN 1 END),
  coalesce(sum(CASE WHEN content = 0 THEN record_count END), 0),
  coalesce(sum(file_size_in_bytes), 0), count(CASE WHEN content <> 0 THEN 1 END)
FROM ${rejected}.files
