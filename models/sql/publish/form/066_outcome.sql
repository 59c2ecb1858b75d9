-- Rule: R14.4
-- Grain: one row per participant, date and scale.
CREATE TABLE out.outcome (
    participant_id VARCHAR NOT NULL,
    date DATE NOT NULL,
    scale VARCHAR NOT NULL,
    score DECIMAL(18, 3) NOT NULL,
    PRIMARY KEY (participant_id, date, scale)
);

COMMENT ON TABLE out.outcome IS 'Scores of the clinic''s scales, as in outcomes.csv. They stand beside the days: nothing is judged by them, and nothing is computed between them and movement. One row per participant_id, date, scale.';
COMMENT ON COLUMN out.outcome.participant_id IS 'Participant, as in participants.csv.';
COMMENT ON COLUMN out.outcome.date IS 'Date of the score.';
COMMENT ON COLUMN out.outcome.scale IS 'Name of the scale, as the clinic writes it.';
COMMENT ON COLUMN out.outcome.score IS 'The score. Whether more is better or worse is the scale''s own.';
