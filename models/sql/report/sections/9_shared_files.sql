-- Files that count for somebody else, too.
SELECT DISTINCT participant_id, left(sha256, 12) AS content, connector FROM source_file
WHERE status = 'loaded' AND sha256 IN (
    SELECT sha256 FROM source_file WHERE status = 'loaded'
    GROUP BY sha256 HAVING count(DISTINCT participant_id) > 1)
ORDER BY content, connector
