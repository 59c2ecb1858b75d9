-- Rule: R14.2, R7.2
-- Grain: one row per thing not used.
CREATE TABLE out.rejection (
    participant_id VARCHAR,
    kind VARCHAR NOT NULL,
    sha256 VARCHAR,
    place VARCHAR,
    reason VARCHAR NOT NULL,
    what_to_do VARCHAR
);

COMMENT ON TABLE out.rejection IS 'Things that were not used, and what to do about each, in words of ours and of the vendor. The file''s name, and what it says itself, is in `stepwindow status`. No key.';
COMMENT ON COLUMN out.rejection.participant_id IS 'Whose folder: a participant''s. NULL: a thing of the study''s own, which is a row of a control file, or something in nobody''s folder (its name may be anything, and stays in the store).';
COMMENT ON COLUMN out.rejection.kind IS 'What it is. {codes}.';
COMMENT ON COLUMN out.rejection.sha256 IS 'SHA-256 of the file''s content. NULL: nothing could be read, or a control file.';
COMMENT ON COLUMN out.rejection.place IS 'Where in it. NULL: the whole.';
COMMENT ON COLUMN out.rejection.reason IS 'What was found and what was expected.';
COMMENT ON COLUMN out.rejection.what_to_do IS 'The remedy. NULL: none is known.';
