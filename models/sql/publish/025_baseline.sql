-- Grain: infusion that happened. The window is that of models/sql/week/062_baseline_window.sql, the days are those a derived
-- target would be made of (120_derived_target.sql): valid, whole, over, not the day of an infusion.
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
INSERT INTO out.baseline BY NAME
WITH counted AS (
    SELECT k.infusion_id, d.*
    FROM kept_baseline k
    JOIN day d
        ON d.participant_id = k.participant_id AND d.local_date >= k.before_date - 14 AND d.local_date < k.before_date
    ANTI JOIN judged_infusion i ON i.participant_id = d.participant_id AND i.infused_on = d.local_date
    WHERE d.day_state = 'valid' AND NOT d.is_partial AND d.local_date < (SELECT as_of FROM judging)
),
summed AS (
    SELECT infusion_id, count(*) AS baseline_days, mode(primary_source ORDER BY primary_source) AS usual_source,
           avg(steps) AS steps_mean, count(steps) AS steps_mean_days,
           avg(walking_ms) / 60000 AS walking_minutes_mean, count(walking_ms) AS walking_minutes_mean_days,
           avg(movement_ms) / 60000 AS movement_minutes_mean, count(movement_ms) AS movement_minutes_mean_days,
           avg(exercise_ms) / 60000 AS exercise_minutes_mean, count(exercise_ms) AS exercise_minutes_mean_days,
           avg(mvpa_equivalent_ms) / 60000 AS mvpa_equivalent_minutes_mean,
           count(mvpa_equivalent_ms) AS mvpa_equivalent_minutes_mean_days
    FROM counted GROUP BY infusion_id
)
SELECT k.participant_id, k.infusion_id, k.before_date - 14 AS from_date, k.before_date - 1 AS to_date,
       s.* EXCLUDE (infusion_id) REPLACE (
           coalesce(s.baseline_days, 0) AS baseline_days, coalesce(s.steps_mean_days, 0) AS steps_mean_days,
           coalesce(s.walking_minutes_mean_days, 0) AS walking_minutes_mean_days,
           coalesce(s.movement_minutes_mean_days, 0) AS movement_minutes_mean_days,
           coalesce(s.exercise_minutes_mean_days, 0) AS exercise_minutes_mean_days,
           coalesce(s.mvpa_equivalent_minutes_mean_days, 0) AS mvpa_equivalent_minutes_mean_days)
FROM kept_baseline k SEMI JOIN participant p ON p.participant_id = k.participant_id
LEFT JOIN summed s ON s.infusion_id = k.infusion_id
ORDER BY k.participant_id, k.infusion_id;

COMMENT ON TABLE out.baseline IS 'What is known of the 14 days before each infusion''s course, by the days seen now. Every mean has its number of days beside it; below 4 it is no baseline. A target derived from it may have been frozen earlier (goal_week.target). One row per infusion_id.';
COMMENT ON COLUMN out.baseline.participant_id IS 'Participant, as in participants.csv.';
COMMENT ON COLUMN out.baseline.infusion_id IS 'Infusion that happened. Those of one course, and later ones without a course of their own, share a window.';
COMMENT ON COLUMN out.baseline.from_date IS 'First date of the window.';
COMMENT ON COLUMN out.baseline.to_date IS 'Last date of the window: the day before the first infusion.';
COMMENT ON COLUMN out.baseline.baseline_days IS 'Days of the window that count: valid and whole.';
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
