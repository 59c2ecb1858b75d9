-- Rule: R2.15
-- Grain: one row per usable row of attendance.csv.
CREATE TABLE out.attendance (
    participant_id VARCHAR NOT NULL,
    session_id VARCHAR NOT NULL,
    date DATE NOT NULL,
    activity VARCHAR NOT NULL,
    minutes DECIMAL(18, 3) NOT NULL,
    start_time TIMESTAMPTZ,
    led_by VARCHAR,
    PRIMARY KEY (participant_id, session_id)
);

COMMENT ON TABLE out.attendance IS 'What somebody did at the clinic, as the clinic keeps it (attendance.csv). Each is a session, too, of modality clinic_recorded. One row per participant_id, session_id.';
COMMENT ON COLUMN out.attendance.participant_id IS 'Participant, as in participants.csv.';
COMMENT ON COLUMN out.attendance.session_id IS 'The session that it is (session.session_id).';
COMMENT ON COLUMN out.attendance.date IS 'Date at the clinic.';
COMMENT ON COLUMN out.attendance.activity IS 'What it was, in the words of session.activity.';
COMMENT ON COLUMN out.attendance.minutes IS 'How long it took, in minutes.';
COMMENT ON COLUMN out.attendance.start_time IS 'When it began. NULL: not reported.';
COMMENT ON COLUMN out.attendance.led_by IS 'Who led it, by role: {names} (none that is known here). NULL: not reported.';
