-- Grain: one run.
CREATE TABLE out.run AS
FROM run UNION ALL BY NAME FROM this_run ORDER BY started_at;

COMMENT ON TABLE out.run IS 'What each run did.';
COMMENT ON COLUMN out.run.run_id IS 'This run.';
COMMENT ON COLUMN out.run.command IS 'nightly, backfill or forget.';
COMMENT ON COLUMN out.run.as_of IS 'The date it judged for.';
COMMENT ON COLUMN out.run.started_at IS 'Begin (UTC).';
COMMENT ON COLUMN out.run.ended_at IS 'End (UTC).';
COMMENT ON COLUMN out.run.outcome IS 'clean, or with rejections.';
COMMENT ON COLUMN out.run.files_loaded IS 'Files whose rows were written.';
COMMENT ON COLUMN out.run.files_rejected IS 'Files refused.';
COMMENT ON COLUMN out.run.files_ignored IS 'Files that hold nothing we need.';
COMMENT ON COLUMN out.run.files_duplicate IS 'Contents already known.';
COMMENT ON COLUMN out.run.days_resolved IS 'Participant-days resolved again.';
COMMENT ON COLUMN out.run.weeks_changed IS 'Verdicts that changed.';
COMMENT ON COLUMN out.run.code_version IS 'Version of stepwindow.';
COMMENT ON COLUMN out.run.config_hash IS 'Fingerprint of the settings.';
