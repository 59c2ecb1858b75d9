-- Grain: one thing not loaded.
CREATE TABLE out.rejection AS
SELECT p.participant_id, r.sha256,
       CASE WHEN r.path LIKE '%.csv' AND r.participant_id IS NULL THEN r.path || ', ' ELSE '' END || r.place AS place,
       r.reason, r.what_to_do
FROM rejection r LEFT JOIN participant p USING (participant_id)
ORDER BY p.participant_id, r.sha256, place;

COMMENT ON TABLE out.rejection IS 'Things that were not used, and what to do about each.';
COMMENT ON COLUMN out.rejection.participant_id IS 'Whose folder. NULL: a control file, or a folder that is nobody''s: its name may be anything, and stays in the store.';
COMMENT ON COLUMN out.rejection.sha256 IS 'Content of the file. NULL: nothing could be read.';
COMMENT ON COLUMN out.rejection.place IS 'Where in it.';
COMMENT ON COLUMN out.rejection.reason IS 'What was found and what was expected.';
COMMENT ON COLUMN out.rejection.what_to_do IS 'The remedy.';
