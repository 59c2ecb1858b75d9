-- Of what never counted nothing is kept once it is gone, but for what tells which files came together.
CREATE OR REPLACE TEMP TABLE struck AS
SELECT file_id, participant_id, path, sha256 FROM gone_file g
WHERE g.status IN ('duplicate', 'ignored', 'unknown', 'rejected') AND NOT (
    g.status = 'duplicate' AND EXISTS (
        FROM source_file o
        WHERE o.participant_id = g.participant_id AND o.export = g.export AND o.status = 'loaded'));
DELETE FROM rejection r WHERE EXISTS (
    FROM struck s
    WHERE s.participant_id = r.participant_id AND s.path = r.path AND s.sha256 IS NOT DISTINCT FROM r.sha256);
DELETE FROM source_file WHERE file_id IN (SELECT file_id FROM struck);
