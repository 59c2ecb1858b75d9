-- Rule: R16.4
-- Grain: one row per participant whose folder holds files that count for somebody else, too.
CREATE OR REPLACE TEMP VIEW same_file AS
WITH twice AS (  -- as numbers, which take a tenth of what so many texts do: nearly always there is none
    SELECT hash(sha256) AS number FROM source_file WHERE status = 'loaded' GROUP BY ALL HAVING count(*) > 1),
shared AS (
    SELECT sha256 FROM source_file WHERE status = 'loaded' AND hash(sha256) IN (FROM twice)
    GROUP BY sha256 HAVING min(participant_id) <> max(participant_id)),
holding AS (
    SELECT participant_id, sha256, first_seen_at, status FROM source_file WHERE sha256 IN (FROM shared)),
since AS (  -- as `first_seen`, of these few
    SELECT h.participant_id, h.sha256, min(r.as_of) AS since
    FROM holding h ASOF JOIN run r ON h.first_seen_at <= r.ended_at GROUP BY ALL)
SELECT f.participant_id, min(s.since) AS since,
       list(DISTINCT left(f.sha256, 12) ORDER BY left(f.sha256, 12)) AS contents
FROM holding f LEFT JOIN since s USING (participant_id, sha256) WHERE f.status = 'loaded'
GROUP BY f.participant_id;
