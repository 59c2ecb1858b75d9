-- Rule: R6.1, R6.6, R14.2
-- Grain: one row per file of the inbox, a participant's; a content may be there several times.
CREATE TABLE out.source_file (
    sha256 VARCHAR,
    participant_id VARCHAR NOT NULL,
    size_bytes BIGINT,
    connector VARCHAR,
    connector_version INTEGER,
    source VARCHAR,
    first_seen_at TIMESTAMPTZ,
    loaded_at TIMESTAMPTZ,
    status VARCHAR NOT NULL CHECK (status IN ('loaded', 'duplicate', 'rejected', 'ignored', 'unloaded')),
    covers_from DATE,
    covers_to DATE,
    rows BIGINT
);

COMMENT ON TABLE out.source_file IS 'One export file: what it was and what came of it. A file that counts stays when it is gone from the inbox; one that was moved to another person''s folder is in that one alone. No key: one content may lie in a folder several times.';
COMMENT ON COLUMN out.source_file.sha256 IS 'SHA-256 of the content. NULL: it could not be read.';
COMMENT ON COLUMN out.source_file.participant_id IS 'Whose folder it lies in, or lay in: a participant''s.';
COMMENT ON COLUMN out.source_file.size_bytes IS 'Size in bytes. NULL: not known.';
COMMENT ON COLUMN out.source_file.connector IS 'Who reads such files, or knows that they hold nothing that is needed. NULL: nobody.';
COMMENT ON COLUMN out.source_file.connector_version IS 'Version of that reader. NULL: it was not read.';
COMMENT ON COLUMN out.source_file.source IS 'Sources in it, joined by ;. NULL: nothing was loaded.';
COMMENT ON COLUMN out.source_file.first_seen_at IS 'When it was first read. NULL: never.';
COMMENT ON COLUMN out.source_file.loaded_at IS 'When its rows were written. NULL: never.';
COMMENT ON COLUMN out.source_file.status IS 'What came of it. {codes}.';
COMMENT ON COLUMN out.source_file.covers_from IS 'First local date in it. NULL: nothing was loaded.';
COMMENT ON COLUMN out.source_file.covers_to IS 'Last local date in it. NULL: nothing was loaded.';
COMMENT ON COLUMN out.source_file.rows IS 'Number of canonical rows it gave. NULL: nothing was loaded.';
