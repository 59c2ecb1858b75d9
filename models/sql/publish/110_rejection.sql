-- Grain: one thing not loaded.
CREATE TABLE out.rejection (
    participant_id VARCHAR,
    sha256 VARCHAR,
    place VARCHAR,
    reason VARCHAR NOT NULL,
    what_to_do VARCHAR
);
INSERT INTO out.rejection BY NAME
SELECT participant_id, sha256, CASE WHEN path LIKE '%.csv' AND participant_id IS NULL THEN path || ', ' ELSE '' END || place AS place,
       reason, what_to_do
FROM rejection ORDER BY participant_id, sha256, place;

COMMENT ON TABLE out.rejection IS 'Things that were not used, and what to do about each. The file''s name is in `stepwindow status`. No key.';
COMMENT ON COLUMN out.rejection.participant_id IS 'Whose folder. NULL: a control file.';
COMMENT ON COLUMN out.rejection.sha256 IS 'SHA-256 of the file''s content. NULL: nothing could be read, or a control file.';
COMMENT ON COLUMN out.rejection.place IS 'Where in it. NULL: the whole.';
COMMENT ON COLUMN out.rejection.reason IS 'What was found and what was expected.';
COMMENT ON COLUMN out.rejection.what_to_do IS 'The remedy. NULL: none is known.';
