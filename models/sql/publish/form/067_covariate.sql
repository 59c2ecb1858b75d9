-- Rule: R18.1
-- Grain: one row per participant or infusion, and name.
CREATE TABLE out.covariate (
    participant_id VARCHAR NOT NULL,
    infusion_id VARCHAR,
    name VARCHAR NOT NULL,
    value VARCHAR NOT NULL,
    number DECIMAL(18, 9),
    date DATE
);

COMMENT ON TABLE out.covariate IS 'The clinic''s own columns of participants.csv and infusions.csv, such as arm, site or dose_mg: numbers, dates and short words. Nothing is judged by them. A column that may tell who somebody is, or holds free text, is not here (status names it). One row for each name of a participant, or of an infusion.';
COMMENT ON COLUMN out.covariate.participant_id IS 'Participant, as in participants.csv.';
COMMENT ON COLUMN out.covariate.infusion_id IS 'Infusion, as in infusions.csv. NULL: it is the person''s.';
COMMENT ON COLUMN out.covariate.name IS 'Name of the column, in small letters, with _ for blanks and hyphens.';
COMMENT ON COLUMN out.covariate.value IS 'The value, as it is written there.';
COMMENT ON COLUMN out.covariate.number IS 'The value as a number. NULL: it is none.';
COMMENT ON COLUMN out.covariate.date IS 'The value as a date. NULL: it is none.';
