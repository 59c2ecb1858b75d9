-- Grain: infusion.
CREATE TABLE out.infusion AS
SELECT infusion_id, participant_id, infused_on, status, course_id FROM infusion ORDER BY participant_id, infused_on, infusion_id;

COMMENT ON TABLE out.infusion IS 'The infusions, as understood.';
COMMENT ON COLUMN out.infusion.infusion_id IS 'Infusion.';
COMMENT ON COLUMN out.infusion.participant_id IS 'Participant, as in participants.csv.';
COMMENT ON COLUMN out.infusion.infused_on IS 'Date at the clinic: day 0.';
COMMENT ON COLUMN out.infusion.status IS 'completed, stopped_early, scheduled or cancelled.';
COMMENT ON COLUMN out.infusion.course_id IS 'Course it belongs to. NULL: not named.';
