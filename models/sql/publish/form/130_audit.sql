-- Rule: R14.3
-- Grain: one row per thing done to or with the data.
-- Append-only.
CREATE TABLE out.audit (
    audit_id VARCHAR PRIMARY KEY,
    happened_at TIMESTAMPTZ NOT NULL,
    command VARCHAR NOT NULL,
    what VARCHAR NOT NULL,
    people INTEGER,
    files INTEGER,
    rows BIGINT,
    code_version VARCHAR NOT NULL,
    run_id VARCHAR
);

COMMENT ON TABLE out.audit IS 'What was done to or with the data, and when; nobody is named. Append-only. Questions asked of this file are not in it: any client may open it. One row per audit_id.';
COMMENT ON COLUMN out.audit.audit_id IS 'This entry (random).';
COMMENT ON COLUMN out.audit.happened_at IS 'When.';
COMMENT ON COLUMN out.audit.command IS 'The command of stepwindow.';
COMMENT ON COLUMN out.audit.what IS 'What it did, in words that name nobody.';
COMMENT ON COLUMN out.audit.people IS 'Participants it had to do with. NULL: not counted.';
COMMENT ON COLUMN out.audit.files IS 'Files it read, wrote or removed. NULL: not counted.';
COMMENT ON COLUMN out.audit.rows IS 'Rows it changed, wrote or removed. NULL: not counted.';
COMMENT ON COLUMN out.audit.code_version IS 'Version of stepwindow.';
COMMENT ON COLUMN out.audit.run_id IS 'The run it belongs to. NULL: none.';
