-- The paths of files that are not used, or count for several people, by content.
WITH twice AS (  -- as numbers, as in models/sql/worklist/090_same_file.sql
    SELECT hash(sha256) AS number FROM known_file WHERE status = 'loaded' GROUP BY ALL HAVING count(*) > 1),
shared AS (
    SELECT sha256 FROM known_file WHERE status = 'loaded' AND hash(sha256) IN (FROM twice)
    GROUP BY sha256 HAVING min(participant_id) <> max(participant_id))
SELECT left(sha256, 12) AS content, list(DISTINCT path ORDER BY path) AS paths FROM known_file
WHERE path IS NOT NULL AND (status = 'rejected' OR sha256 IN (FROM shared))
GROUP BY ALL ORDER BY content
