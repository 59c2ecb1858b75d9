-- Rule: R12.7, R14.3
-- Grain: one row per run.
CREATE TABLE out.run (
    run_id VARCHAR PRIMARY KEY,
    command VARCHAR NOT NULL,
    as_of DATE,
    started_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    outcome VARCHAR,
    files_loaded INTEGER,
    files_rejected INTEGER,
    files_ignored INTEGER,
    files_duplicate INTEGER,
    days_resolved INTEGER,
    weeks_changed INTEGER,
    code_version VARCHAR,
    config_hash VARCHAR,
    run_number INTEGER
);

COMMENT ON TABLE out.run IS 'What each run did. A run that was killed before it published is here once a later one has published: command, started_at and outcome are known of it, all else is NULL. One row per run_id.';
COMMENT ON COLUMN out.run.run_id IS 'This run (random).';
COMMENT ON COLUMN out.run.command IS 'nightly, backfill, unload or forget.';
COMMENT ON COLUMN out.run.as_of IS 'The date it judged for. NULL: the run was killed.';
COMMENT ON COLUMN out.run.started_at IS 'When it began.';
COMMENT ON COLUMN out.run.ended_at IS 'When it published. NULL: never, the run was killed.';
COMMENT ON COLUMN out.run.outcome IS 'clean, with rejections (something new was not used, or there is an alarm for the study), with people held (participant.held_reason), or killed (it began, and never came to its end). NULL: not reported.';
COMMENT ON COLUMN out.run.files_loaded IS 'Number of files whose rows were written. NULL: not known, the run was killed.';
COMMENT ON COLUMN out.run.files_rejected IS 'Number of files refused. NULL: not known, the run was killed.';
COMMENT ON COLUMN out.run.files_ignored IS 'Number of files that hold nothing that is needed. NULL: not known, the run was killed.';
COMMENT ON COLUMN out.run.files_duplicate IS 'Number of files whose content was known. NULL: not known, the run was killed.';
COMMENT ON COLUMN out.run.days_resolved IS 'Number of participant-days resolved again. NULL: not known, the run was killed.';
COMMENT ON COLUMN out.run.weeks_changed IS 'Number of verdicts that changed. NULL: not known, the run was killed.';
COMMENT ON COLUMN out.run.code_version IS 'Version of stepwindow. NULL: not known, the run was killed.';
COMMENT ON COLUMN out.run.config_hash IS 'Fingerprint of the settings of study.toml. NULL: not known, the run was killed.';
COMMENT ON COLUMN out.run.run_number IS 'Which run it was: 1 is the first, the highest is the last one, whatever the clock said. NULL: the run was killed; the last run is one that ended.';
