-- Of people of whom nothing counts: the files that readers know and do not need, by reader, and those that are empty.
-- Of everybody: those that are empty and lie by themselves, for somebody took them for an export.
SELECT participant_id, coalesce(connector, 'empty') AS connector, min(note) AS note, min(path) AS path, count(*) AS files
FROM known_file f
WHERE CASE WHEN size_bytes = 0 AND split_part(path, '/', 3) = '' AND NOT contains(path, '!/')
           THEN status IN ('ignored', 'duplicate')
           ELSE status = 'ignored' AND (size_bytes = 0 OR connector NOT IN ('zip', 'tar', 'gzip')) AND NOT EXISTS (
               FROM known_file k WHERE k.participant_id = f.participant_id AND k.status IN ('loaded', 'unloaded')) END
GROUP BY ALL ORDER BY ALL
