-- Grain: participant.
CREATE TABLE out.participant (
    participant_id VARCHAR PRIMARY KEY,
    source_priority VARCHAR,
    foot_step_goals BOOLEAN NOT NULL,
    held_reason VARCHAR
);

COMMENT ON TABLE out.participant IS 'The participants, as understood. Time zones stay in the store: they can be geography below a state. One row per participant_id.';
COMMENT ON COLUMN out.participant.participant_id IS 'Participant, as in participants.csv.';
COMMENT ON COLUMN out.participant.source_priority IS 'Sources best first, joined by ;. NULL: the default order.';
COMMENT ON COLUMN out.participant.foot_step_goals IS 'Step goals apply to this person (false: a wheelchair user).';
COMMENT ON COLUMN out.participant.held_reason IS 'Why nothing of this person was brought up to date: all their rows in all relations stand as they were published before. NULL: not held.';
