-- Files that count for more than one person.
SELECT left(sha256, 12) AS content, min(path) AS path,
       string_agg(DISTINCT participant_id, ', ' ORDER BY participant_id) AS folders
FROM known_file WHERE status = 'loaded'
GROUP BY sha256 HAVING count(DISTINCT participant_id) > 1 ORDER BY folders, content
