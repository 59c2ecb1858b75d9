-- Grain: one file of the inbox. Names stay in the store: they can hold names of people.
CREATE TABLE out.source_file AS
SELECT sha256, participant_id, size_bytes, connector, connector_version, source, first_seen_at, loaded_at, status, covers_from,
       covers_to, rows
FROM source_file ORDER BY participant_id, sha256, status;

COMMENT ON TABLE out.source_file IS 'One export file: what it was and what came of it.';
COMMENT ON COLUMN out.source_file.sha256 IS 'Content of the file.';
COMMENT ON COLUMN out.source_file.participant_id IS 'Participant, as in participants.csv.';
COMMENT ON COLUMN out.source_file.size_bytes IS 'Size in bytes.';
COMMENT ON COLUMN out.source_file.connector IS 'Who reads such files. NULL: nobody.';
COMMENT ON COLUMN out.source_file.connector_version IS 'Version of that reader.';
COMMENT ON COLUMN out.source_file.source IS 'Sources in it, joined by ;.';
COMMENT ON COLUMN out.source_file.first_seen_at IS 'When it was first read (UTC).';
COMMENT ON COLUMN out.source_file.loaded_at IS 'When its rows were written (UTC). NULL: never.';
COMMENT ON COLUMN out.source_file.status IS 'loaded, duplicate, rejected or ignored.';
COMMENT ON COLUMN out.source_file.covers_from IS 'First local date in it.';
COMMENT ON COLUMN out.source_file.covers_to IS 'Last local date in it.';
COMMENT ON COLUMN out.source_file.rows IS 'Canonical rows it gave.';
