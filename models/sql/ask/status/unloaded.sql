-- Files that were taken out of the count.
SELECT participant_id, min(path) AS path, count(DISTINCT sha256) AS files
FROM known_file WHERE status = 'unloaded' GROUP BY ALL ORDER BY ALL
