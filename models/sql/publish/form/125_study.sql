-- Rule: R8.3, R8.6, R11.11, R14.8
-- Grain: one row per study.
CREATE TABLE out.study (
    as_of DATE PRIMARY KEY,
    anchor VARCHAR NOT NULL CHECK (anchor IN ('until_next', 'overlapping', 'course')),
    weeks INTEGER NOT NULL,
    grace_days INTEGER NOT NULL,
    estimate VARCHAR NOT NULL,
    truncation VARCHAR NOT NULL,
    clearance BOOLEAN NOT NULL,
    name VARCHAR NOT NULL,
    timezone VARCHAR NOT NULL,
    dates VARCHAR NOT NULL CHECK (dates IN ('iso', 'month_first', 'day_first')),
    rules_version VARCHAR NOT NULL,
    code_version VARCHAR,
    schema_version VARCHAR NOT NULL
);

COMMENT ON TABLE out.study IS 'How the study counts, as study.toml said it in the last run. A single row. One row per as_of.';
COMMENT ON COLUMN out.study.as_of IS 'Date of the last run: days before it are over.';
COMMENT ON COLUMN out.study.anchor IS 'Whom a day after an infusion belongs to. {codes}.';
COMMENT ON COLUMN out.study.weeks IS 'For how many weeks an infusion is followed, unless a goal reaches further.';
COMMENT ON COLUMN out.study.grace_days IS 'How many days after its last day that counts a week waits for files.';
COMMENT ON COLUMN out.study.estimate IS 'Whether totals and means are estimated. {codes}.';
COMMENT ON COLUMN out.study.truncation IS 'What becomes of a week that was cut short. {codes}.';
COMMENT ON COLUMN out.study.clearance IS 'Each goal is to be cleared by the care team; one that is not is in the worklist.';
COMMENT ON COLUMN out.study.name IS 'What the clinic calls the study.';
COMMENT ON COLUMN out.study.timezone IS 'The clinic''s time zone: that of the dates of infusions, and of everybody without a zone of their own.';
COMMENT ON COLUMN out.study.dates IS 'How a date such as 03/04/2026 was read. {codes}.';
COMMENT ON COLUMN out.study.rules_version IS 'Version of the rules (docs/rules.md) that days and weeks were counted by.';
COMMENT ON COLUMN out.study.code_version IS 'Version of stepwindow that made this file. NULL: not reported.';
COMMENT ON COLUMN out.study.schema_version IS 'Version of the form of this file: another one where a relation or column came, went or changed its type.';
