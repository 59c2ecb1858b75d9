-- Rule: R8.3, R8.6, R11.11
-- Grain: one row per study.
CREATE TABLE out.study (
    as_of DATE PRIMARY KEY,
    anchor VARCHAR NOT NULL CHECK (anchor IN ('until_next', 'overlapping', 'course')),
    weeks INTEGER NOT NULL,
    grace_days INTEGER NOT NULL,
    estimate VARCHAR NOT NULL,
    truncation VARCHAR NOT NULL,
    clearance BOOLEAN NOT NULL
);

COMMENT ON TABLE out.study IS 'How the study counts, as study.toml said it in the last run. A single row. One row per as_of.';
COMMENT ON COLUMN out.study.as_of IS 'Date of the last run: days before it are over.';
COMMENT ON COLUMN out.study.anchor IS 'Whom a day after an infusion belongs to: until_next, overlapping or course.';
COMMENT ON COLUMN out.study.weeks IS 'For how many weeks an infusion is followed, unless a goal reaches further.';
COMMENT ON COLUMN out.study.grace_days IS 'How many days after its last day that counts a week waits for files.';
COMMENT ON COLUMN out.study.estimate IS 'Whether totals and means are estimated from the days that were seen, or not at all (none).';
COMMENT ON COLUMN out.study.truncation IS 'What becomes of a week that was cut short: prorate or flag.';
COMMENT ON COLUMN out.study.clearance IS 'Each goal is to be cleared by the care team; one that is not is in the worklist.';
