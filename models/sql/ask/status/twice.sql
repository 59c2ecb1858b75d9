-- Files that count for more than one person, by the folders that they lie in together.
WITH shared AS (
    SELECT sha256, min(path) AS path, string_agg(DISTINCT participant_id, ', ' ORDER BY participant_id) AS folders
    FROM known_file WHERE status = 'loaded'
    GROUP BY sha256 HAVING count(DISTINCT participant_id) > 1)
SELECT folders, count(*) AS files, min(path) AS path, min(left(sha256, 12)) AS content
FROM shared GROUP BY folders ORDER BY folders
