-- The paths of files that are not used, or count for several people, by content.
SELECT left(sha256, 12) AS content, list(DISTINCT path ORDER BY path) AS paths FROM known_file
WHERE path IS NOT NULL AND (status = 'rejected' OR sha256 IN (
    SELECT sha256 FROM known_file WHERE status = 'loaded' GROUP BY sha256 HAVING count(DISTINCT participant_id) > 1))
GROUP BY ALL ORDER BY content
