-- Of what never counted nothing is kept once it is gone, but for what tells which files came together.
CREATE OR REPLACE TEMP TABLE struck AS
FROM whereabouts w
WHERE NOT w.lies AND w.status IN ('duplicate', 'ignored', 'unknown', 'rejected') AND NOT (
    w.status = 'duplicate' AND EXISTS (
        FROM source_file s JOIN source_file o USING (participant_id, export)
        WHERE s.file_id = w.file_id AND o.status = 'loaded'));
DELETE FROM rejection r WHERE EXISTS (
    FROM struck s
    WHERE s.participant_id = r.participant_id AND s.path = r.path AND s.sha256 IS NOT DISTINCT FROM r.sha256);
DELETE FROM source_file WHERE file_id IN (SELECT file_id FROM struck);
DELETE FROM whereabouts WHERE file_id IN (SELECT file_id FROM struck);
