-- Rule: R2.10, R2.15, R3.7
-- Grain: one row per recorded or written activity that stands.
CREATE TABLE out.session (
    participant_id VARCHAR NOT NULL,
    session_id VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    activity VARCHAR NOT NULL,
    vendor_activity VARCHAR,
    start_time TIMESTAMPTZ,
    end_time TIMESTAMPTZ,
    local_date DATE NOT NULL,
    timer_minutes DECIMAL(18, 3),
    steps INTEGER,
    modality VARCHAR NOT NULL CHECK (modality IN ('sensed', 'self_reported', 'clinic_recorded')),
    local_start_minute INTEGER,
    local_end_date DATE
);

COMMENT ON TABLE out.session IS 'Recorded and written-down activities that stand (replaced ones are not here). Never add their minutes up: two devices and a diary may tell of one walk; workout_minutes and the like of daily_activity have each minute once. One row per participant_id, session_id.';
COMMENT ON COLUMN out.session.participant_id IS 'Participant, as in participants.csv.';
COMMENT ON COLUMN out.session.session_id IS 'This session.';
COMMENT ON COLUMN out.session.source IS 'Source that recorded it; diary and attendance are written down.';
COMMENT ON COLUMN out.session.activity IS 'What it was: {names}.';
COMMENT ON COLUMN out.session.vendor_activity IS 'The vendor''s own word or code for the kind of activity. NULL: it has none, or what stands there is none.';
COMMENT ON COLUMN out.session.start_time IS 'Begin. NULL: written down without a time.';
COMMENT ON COLUMN out.session.end_time IS 'End. NULL: written down without a time.';
COMMENT ON COLUMN out.session.local_date IS 'Civil date of the start.';
COMMENT ON COLUMN out.session.timer_minutes IS 'Minutes the timer ran, pauses excluded. NULL: not reported.';
COMMENT ON COLUMN out.session.steps IS 'Steps inside it; already in the day''s steps. NULL: not reported.';
COMMENT ON COLUMN out.session.modality IS 'How it is known. {codes}.';
COMMENT ON COLUMN out.session.local_start_minute IS 'Minute of the day at which it began, on the clock on the wall where the person was: 0 to 1439, 450 is 07:30. NULL: written down without a time, or read before this was kept (backfill --reload reads it).';
COMMENT ON COLUMN out.session.local_end_date IS 'Civil date of its last moment: later than local_date where it runs past midnight. NULL: as in local_start_minute.';
