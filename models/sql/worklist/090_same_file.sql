-- Rule: R16.4
-- Grain: one row per participant whose folder holds files that count for somebody else, too.
CREATE OR REPLACE TEMP VIEW same_file AS
SELECT f.participant_id, min(s.since) AS since,
       list(DISTINCT left(f.sha256, 12) ORDER BY left(f.sha256, 12)) AS contents
FROM source_file f LEFT JOIN first_seen s USING (participant_id, sha256)
WHERE f.status = 'loaded' AND f.sha256 IN (
    SELECT sha256 FROM source_file WHERE status = 'loaded' GROUP BY sha256 HAVING count(DISTINCT participant_id) > 1)
GROUP BY f.participant_id;
