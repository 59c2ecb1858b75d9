-- Grain: participant.
CREATE TABLE out.participant AS
SELECT participant_id, source_priority, foot_step_goals FROM participant ORDER BY participant_id;

COMMENT ON TABLE out.participant IS 'The participants, as understood. Time zones stay in the store: they can be geography below a state.';
COMMENT ON COLUMN out.participant.participant_id IS 'Participant, as in participants.csv.';
COMMENT ON COLUMN out.participant.source_priority IS 'Sources best first, joined by ;. NULL: the default order.';
COMMENT ON COLUMN out.participant.foot_step_goals IS 'Step goals apply to this person.';
