-- Rule: R10.1, R10.2
-- Grain: one row per infusion that happened.
CREATE TABLE out.baseline (
    participant_id VARCHAR NOT NULL,
    infusion_id VARCHAR PRIMARY KEY,
    from_date DATE NOT NULL,
    to_date DATE NOT NULL,
    baseline_days INTEGER NOT NULL,
    usual_source VARCHAR,
    steps_mean DECIMAL(18, 6),
    steps_mean_days INTEGER NOT NULL,
    walking_minutes_mean DECIMAL(18, 6),
    walking_minutes_mean_days INTEGER NOT NULL,
    movement_minutes_mean DECIMAL(18, 6),
    movement_minutes_mean_days INTEGER NOT NULL,
    exercise_minutes_mean DECIMAL(18, 6),
    exercise_minutes_mean_days INTEGER NOT NULL,
    mvpa_equivalent_minutes_mean DECIMAL(18, 6),
    mvpa_equivalent_minutes_mean_days INTEGER NOT NULL
);

COMMENT ON TABLE out.baseline IS 'What is known of the 14 days before each infusion''s course, by the days seen now. Every mean has its number of days beside it; below 4 it is no baseline. A target derived from it may have been frozen earlier (goal_week.baseline_value). Infusions that share a window have the same numbers: count a window once. One row per infusion_id.';
COMMENT ON COLUMN out.baseline.participant_id IS 'Participant, as in participants.csv.';
COMMENT ON COLUMN out.baseline.infusion_id IS 'Infusion that happened. Those of one course, and later ones without a course of their own, share a window.';
COMMENT ON COLUMN out.baseline.from_date IS 'First date of the window.';
COMMENT ON COLUMN out.baseline.to_date IS 'Last date of the window: the day before the first infusion.';
COMMENT ON COLUMN out.baseline.baseline_days IS 'Days of the window that are valid, whole, over, and no day of an infusion. How many of them know a metric stands beside its mean.';
COMMENT ON COLUMN out.baseline.usual_source IS 'Most common primary source of those days. Another one in a later week changes the level by itself. NULL: no day.';
COMMENT ON COLUMN out.baseline.steps_mean IS 'Steps a day: mean of the days that count. NULL: none.';
COMMENT ON COLUMN out.baseline.steps_mean_days IS 'Number of days behind steps_mean.';
COMMENT ON COLUMN out.baseline.walking_minutes_mean IS 'Walking minutes a day: mean of the days that count. NULL: none.';
COMMENT ON COLUMN out.baseline.walking_minutes_mean_days IS 'Number of days behind walking_minutes_mean.';
COMMENT ON COLUMN out.baseline.movement_minutes_mean IS 'Movement minutes a day: mean of the days that count. NULL: none.';
COMMENT ON COLUMN out.baseline.movement_minutes_mean_days IS 'Number of days behind movement_minutes_mean.';
COMMENT ON COLUMN out.baseline.exercise_minutes_mean IS 'Exercise minutes a day: mean of the days that count. NULL: none.';
COMMENT ON COLUMN out.baseline.exercise_minutes_mean_days IS 'Number of days behind exercise_minutes_mean.';
COMMENT ON COLUMN out.baseline.mvpa_equivalent_minutes_mean IS 'Moderate plus twice vigorous minutes a day: mean of the days that count. NULL: none.';
COMMENT ON COLUMN out.baseline.mvpa_equivalent_minutes_mean_days IS 'Number of days behind mvpa_equivalent_minutes_mean.';
