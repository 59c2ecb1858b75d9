-- Rule: R8.5
-- Grain: one row per infusion and local_date.
CREATE TABLE out.infusion_window (
    participant_id VARCHAR NOT NULL,
    infusion_id VARCHAR NOT NULL,
    local_date DATE NOT NULL,
    day_number INTEGER NOT NULL,
    week INTEGER,
    is_eligible BOOLEAN NOT NULL,
    why_not VARCHAR CHECK (why_not IN ('day_0', 'next_infusion', 'infusion_day', 'left', 'hold', 'date_skipped'))
);

COMMENT ON TABLE out.infusion_window IS 'Every day after every infusion that happened: whether it counts, and why not. Under overlapping (study.anchor) a date lies in the weeks of several infusions, with a row for each: count dates with DISTINCT. One row per infusion_id, local_date.';
COMMENT ON COLUMN out.infusion_window.participant_id IS 'Participant, as in participants.csv.';
COMMENT ON COLUMN out.infusion_window.infusion_id IS 'Infusion, as in infusions.csv.';
COMMENT ON COLUMN out.infusion_window.local_date IS 'Civil date.';
COMMENT ON COLUMN out.infusion_window.day_number IS 'Days after the infusion; 0 is its own date.';
COMMENT ON COLUMN out.infusion_window.week IS 'Post-infusion week. NULL: day 0.';
COMMENT ON COLUMN out.infusion_window.is_eligible IS 'The day counts for this infusion (goals may begin later).';
COMMENT ON COLUMN out.infusion_window.why_not IS 'Why the day does not count. {codes}. NULL: it counts.';
