-- A thing that was not used is kept in its fields beside the sentence that is published of it. Sentences of before are
-- split once, here: "found A, expected B", of a row of a control file "A (expected B)"; any other is all in `found`.
ALTER TABLE rejection ADD COLUMN found TEXT;
ALTER TABLE rejection ADD COLUMN expected TEXT;
ALTER TABLE rejection ADD COLUMN kind TEXT;
UPDATE rejection SET kind = CASE
    WHEN is_alarm THEN if(path = 'inbox', 'alarm', 'lost_rows')
    WHEN participant_id IS NULL AND place LIKE 'line %' THEN 'control_file'
    WHEN sha256 IS NOT NULL OR EXISTS (
        FROM source_file f WHERE f.participant_id = rejection.participant_id AND f.path = rejection.path
    ) THEN 'rejected_file'
    WHEN participant_id = path THEN 'unknown_folder'
    ELSE 'inbox' END;
UPDATE rejection SET found = reason, expected = '';
UPDATE rejection
SET found = regexp_extract(reason, '^found (.*), expected ', 1), expected = regexp_extract(reason, '.*, expected (.*)$', 1)
WHERE kind <> 'control_file' AND regexp_full_match(reason, 'found .+, expected .+');
UPDATE rejection
SET found = regexp_extract(reason, '^(.*) \(expected ', 1), expected = regexp_extract(reason, '.* \(expected (.*)\)$', 1)
WHERE kind = 'control_file' AND regexp_full_match(reason, '.+ \(expected .+\)');
ALTER TABLE rejection DROP COLUMN is_alarm;
