-- Rule: R8.7, R8.9
-- Grain: one row per infusion and post-infusion week.
CREATE TABLE out.weekly_activity (
    participant_id VARCHAR NOT NULL,
    infusion_id VARCHAR NOT NULL,
    week INTEGER NOT NULL,
    week_start DATE NOT NULL,
    week_end DATE NOT NULL,
    eligible_days INTEGER NOT NULL,
    weekend_days INTEGER NOT NULL,
    days_over INTEGER NOT NULL,
    valid_days INTEGER NOT NULL,
    logged_days INTEGER NOT NULL,
    steps_total BIGINT,
    steps_mean DECIMAL(18, 6),
    steps_mean_days INTEGER NOT NULL,
    walking_minutes_total DECIMAL(18, 6),
    walking_minutes_mean DECIMAL(18, 6),
    walking_minutes_mean_days INTEGER NOT NULL,
    movement_minutes_total DECIMAL(18, 6),
    movement_minutes_mean DECIMAL(18, 6),
    movement_minutes_mean_days INTEGER NOT NULL,
    exercise_minutes_total DECIMAL(18, 6),
    exercise_minutes_mean DECIMAL(18, 6),
    exercise_minutes_mean_days INTEGER NOT NULL,
    mvpa_equivalent_minutes_total DECIMAL(18, 6),
    mvpa_equivalent_minutes_mean DECIMAL(18, 6),
    mvpa_equivalent_minutes_mean_days INTEGER NOT NULL,
    workout_minutes_total DECIMAL(18, 6),
    strength_minutes_total DECIMAL(18, 6),
    yoga_minutes_total DECIMAL(18, 6),
    dance_minutes_total DECIMAL(18, 6),
    massage_minutes_total DECIMAL(18, 6),
    active_days INTEGER,
    longest_run_days INTEGER,
    top2_share DECIMAL(18, 6),
    PRIMARY KEY (infusion_id, week)
);

COMMENT ON TABLE out.weekly_activity IS 'Movement in each post-infusion week, goals apart: only eligible days that are over. Every mean has its number of days beside it. Under overlapping (study.anchor) a date lies in the weeks of several infusions: never add over infusions, totals and days alike; for sums over dates take daily_activity. Nor over metrics: they contain one another. One row per infusion_id, week.';
COMMENT ON COLUMN out.weekly_activity.participant_id IS 'Participant, as in participants.csv.';
COMMENT ON COLUMN out.weekly_activity.infusion_id IS 'Infusion, as in infusions.csv.';
COMMENT ON COLUMN out.weekly_activity.week IS 'Post-infusion week: week w is days 7(w-1)+1 to 7w after the infusion.';
COMMENT ON COLUMN out.weekly_activity.week_start IS 'First date of the week.';
COMMENT ON COLUMN out.weekly_activity.week_end IS 'Last date of the week.';
COMMENT ON COLUMN out.weekly_activity.eligible_days IS 'Days of the week that count (infusion_window).';
COMMENT ON COLUMN out.weekly_activity.weekend_days IS 'Saturdays and Sundays among the eligible days.';
COMMENT ON COLUMN out.weekly_activity.days_over IS 'Eligible days before as_of.';
COMMENT ON COLUMN out.weekly_activity.valid_days IS 'Valid days among the days that are over.';
COMMENT ON COLUMN out.weekly_activity.logged_days IS 'Days that are over with any session, diary entry or attestation. With 0 the week''s log is not open: nothing logged does not mean none.';
COMMENT ON COLUMN out.weekly_activity.steps_total IS 'Steps: sum of what was seen, poorly worn days included: a lower bound. NULL: nothing known.';
COMMENT ON COLUMN out.weekly_activity.steps_mean IS 'Steps a day: mean of the valid days on which they are known. NULL: none.';
COMMENT ON COLUMN out.weekly_activity.steps_mean_days IS 'Number of days behind steps_mean.';
COMMENT ON COLUMN out.weekly_activity.walking_minutes_total IS 'Walking minutes: sum of what was seen, poorly worn days included: a lower bound. NULL: nothing known.';
COMMENT ON COLUMN out.weekly_activity.walking_minutes_mean IS 'Walking minutes a day: mean of the valid days on which they are known. NULL: none.';
COMMENT ON COLUMN out.weekly_activity.walking_minutes_mean_days IS 'Number of days behind walking_minutes_mean.';
COMMENT ON COLUMN out.weekly_activity.movement_minutes_total IS 'Movement minutes: sum of what was seen, poorly worn days included: a lower bound. NULL: nothing known.';
COMMENT ON COLUMN out.weekly_activity.movement_minutes_mean IS 'Movement minutes a day: mean of the valid days on which they are known. NULL: none.';
COMMENT ON COLUMN out.weekly_activity.movement_minutes_mean_days IS 'Number of days behind movement_minutes_mean.';
COMMENT ON COLUMN out.weekly_activity.exercise_minutes_total IS 'Exercise minutes: sum of what was seen, poorly worn days included: a lower bound. NULL: nothing known.';
COMMENT ON COLUMN out.weekly_activity.exercise_minutes_mean IS 'Exercise minutes a day: mean of the valid days on which they are known. NULL: none.';
COMMENT ON COLUMN out.weekly_activity.exercise_minutes_mean_days IS 'Number of days behind exercise_minutes_mean.';
COMMENT ON COLUMN out.weekly_activity.mvpa_equivalent_minutes_total IS 'Moderate plus twice vigorous minutes: sum of what was seen, poorly worn days included: a lower bound. NULL: nothing known.';
COMMENT ON COLUMN out.weekly_activity.mvpa_equivalent_minutes_mean IS 'Moderate plus twice vigorous minutes a day: mean of the valid days on which they are known. NULL: none.';
COMMENT ON COLUMN out.weekly_activity.mvpa_equivalent_minutes_mean_days IS 'Number of days behind mvpa_equivalent_minutes_mean.';
COMMENT ON COLUMN out.weekly_activity.workout_minutes_total IS 'Workout minutes recorded or written down. NULL: none (see logged_days).';
COMMENT ON COLUMN out.weekly_activity.strength_minutes_total IS 'Strength minutes recorded or written down. NULL: none (see logged_days).';
COMMENT ON COLUMN out.weekly_activity.yoga_minutes_total IS 'Yoga minutes recorded or written down. NULL: none (see logged_days).';
COMMENT ON COLUMN out.weekly_activity.dance_minutes_total IS 'Dance minutes recorded or written down. NULL: none (see logged_days).';
COMMENT ON COLUMN out.weekly_activity.massage_minutes_total IS 'Massage minutes recorded or written down. NULL: none (see logged_days).';
COMMENT ON COLUMN out.weekly_activity.active_days IS 'Days that are over with at least 10 movement minutes seen: at least so many. NULL: no day on which movement is known.';
COMMENT ON COLUMN out.weekly_activity.longest_run_days IS 'The longest run of such days; a day that does not count, or that nobody saw, ends it. NULL: no day on which movement is known.';
COMMENT ON COLUMN out.weekly_activity.top2_share IS 'Share of movement_minutes_total that lies on its two most active days, 0 to 1: 2/7 where seven days are alike. It says how movement is spread, not how much there was. NULL: movement known on fewer than 3 days, or none at all.';
