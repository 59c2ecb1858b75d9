-- Rule: R8.1, R3.9
-- Grain: one row per infusion.
CREATE TABLE out.infusion (
    infusion_id VARCHAR PRIMARY KEY,
    participant_id VARCHAR NOT NULL,
    infused_on DATE NOT NULL,
    status VARCHAR NOT NULL CHECK (status IN ('completed', 'stopped_early', 'scheduled', 'cancelled')),
    course_id VARCHAR,
    ordinal INTEGER,
    days_since_previous INTEGER
);

COMMENT ON TABLE out.infusion IS 'The infusions, as understood. One row per infusion_id.';
COMMENT ON COLUMN out.infusion.infusion_id IS 'Infusion, as in infusions.csv.';
COMMENT ON COLUMN out.infusion.participant_id IS 'Participant, as in participants.csv.';
COMMENT ON COLUMN out.infusion.infused_on IS 'Date at the clinic: day 0.';
COMMENT ON COLUMN out.infusion.status IS 'What became of it. {codes}. Only the first two have weeks.';
COMMENT ON COLUMN out.infusion.course_id IS 'Course it belongs to. NULL: not named.';
COMMENT ON COLUMN out.infusion.ordinal IS 'Which infusion of the person it is, by date: 1, 2, 3 ... of those that happened. NULL: it did not happen.';
COMMENT ON COLUMN out.infusion.days_since_previous IS 'Days since the one before it that happened. NULL: the first, or it did not happen.';
