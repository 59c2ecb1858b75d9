-- Grain: one thing not loaded.
CREATE TABLE out.rejection AS
SELECT participant_id, sha256, CASE WHEN path LIKE '%.csv' AND participant_id IS NULL THEN path || ', ' ELSE '' END || place AS place,
       reason, what_to_do
FROM rejection ORDER BY participant_id, sha256, place;

COMMENT ON TABLE out.rejection IS 'Things that were not used, and what to do about each.';
COMMENT ON COLUMN out.rejection.participant_id IS 'Whose folder. NULL: a control file.';
COMMENT ON COLUMN out.rejection.sha256 IS 'Content of the file. NULL: nothing could be read.';
COMMENT ON COLUMN out.rejection.place IS 'Where in it.';
COMMENT ON COLUMN out.rejection.reason IS 'What was found and what was expected.';
COMMENT ON COLUMN out.rejection.what_to_do IS 'The remedy.';
