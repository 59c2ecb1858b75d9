-- Rule: R13.2, R14.2
-- Grain: one row per participant.
CREATE TABLE out.participant (
    participant_id VARCHAR PRIMARY KEY,
    source_priority VARCHAR,
    foot_step_goals BOOLEAN NOT NULL,
    left_on DATE,
    held_reason VARCHAR,
    held_what_to_do VARCHAR,
    held_at TIMESTAMPTZ,
    language VARCHAR NOT NULL DEFAULT 'en' CHECK (language IN ('en', 'de', 'es', 'fr'))
);

COMMENT ON TABLE out.participant IS 'The participants, as understood. Time zones stay in the store: they can be geography below a state. One row per participant_id.';
COMMENT ON COLUMN out.participant.participant_id IS 'Participant, as in participants.csv.';
COMMENT ON COLUMN out.participant.source_priority IS 'Sources best first, joined by ;. NULL: the default order.';
COMMENT ON COLUMN out.participant.foot_step_goals IS 'Step goals apply to this person (false: a wheelchair user).';
COMMENT ON COLUMN out.participant.left_on IS 'The last date that counts of somebody who left and lets the study keep their data. NULL: still followed.';
COMMENT ON COLUMN out.participant.held_reason IS 'Why something of this person was not brought up to date and stands as it was published before: all their rows where a step failed or a row of participants.csv or zones.csv cannot be used; weeks, not days, for a row of infusions.csv, holds.csv or attendance.csv; one goal for a row of goals.csv (goal_week.is_held). NULL: nothing is held.';
COMMENT ON COLUMN out.participant.held_what_to_do IS 'What ends it. NULL: nothing is held.';
COMMENT ON COLUMN out.participant.held_at IS 'When the first of the runs in a row found it. NULL: nothing is held.';
COMMENT ON COLUMN out.participant.language IS 'Language of the person''s letter: {names}.';
