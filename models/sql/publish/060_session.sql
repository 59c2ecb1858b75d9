-- Grain: one recorded activity.
CREATE TABLE out.session AS
SELECT s.participant_id, s.session_id, d.source, s.activity, s.vendor_activity,
       s.start_time AT TIME ZONE 'UTC' AS start_time, s.end_time AT TIME ZONE 'UTC' AS end_time, s.local_date,
       round(s.timer_ms::DECIMAL(18, 3) / 60000, 3)::DECIMAL(9, 3) AS timer_minutes, s.steps, s.modality
FROM session s JOIN standing_session USING (participant_id, file_id, session_id) JOIN device d USING (device_id)
SEMI JOIN participant p ON p.participant_id = s.participant_id
ORDER BY s.participant_id, s.local_date, s.start_time, s.session_id;

COMMENT ON TABLE out.session IS 'Recorded and written-down activities that stand (replaced ones are not here).';
COMMENT ON COLUMN out.session.participant_id IS 'Participant, as in participants.csv.';
COMMENT ON COLUMN out.session.session_id IS 'This session.';
COMMENT ON COLUMN out.session.source IS 'Who recorded it.';
COMMENT ON COLUMN out.session.activity IS 'What it was, in the product''s words.';
COMMENT ON COLUMN out.session.vendor_activity IS 'What the vendor calls it.';
COMMENT ON COLUMN out.session.start_time IS 'Begin. NULL: a diary entry without a time.';
COMMENT ON COLUMN out.session.end_time IS 'End. NULL: as above.';
COMMENT ON COLUMN out.session.local_date IS 'Civil date of the start.';
COMMENT ON COLUMN out.session.timer_minutes IS 'Minutes the timer ran: pauses excluded.';
COMMENT ON COLUMN out.session.steps IS 'Steps inside it; already in the day''s steps. NULL: not told.';
COMMENT ON COLUMN out.session.modality IS 'sensed by a device, or self_reported.';
