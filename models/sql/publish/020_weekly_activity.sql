-- Grain: infusion x post-infusion week.
CREATE TABLE out.weekly_activity AS
FROM kept_activity SEMI JOIN participant USING (participant_id) ORDER BY participant_id, infusion_id, week;

COMMENT ON TABLE out.weekly_activity IS 'Movement in each post-infusion week, goals apart: only eligible days that are over. Every mean has its number of days beside it.';
COMMENT ON COLUMN out.weekly_activity.participant_id IS 'Participant, as in participants.csv.';
COMMENT ON COLUMN out.weekly_activity.infusion_id IS 'Infusion, as in infusions.csv.';
COMMENT ON COLUMN out.weekly_activity.week IS 'Post-infusion week.';
COMMENT ON COLUMN out.weekly_activity.week_start IS 'First date.';
COMMENT ON COLUMN out.weekly_activity.week_end IS 'Last date.';
COMMENT ON COLUMN out.weekly_activity.eligible_days IS 'Days that count.';
COMMENT ON COLUMN out.weekly_activity.days_over IS 'Eligible days before as_of.';
COMMENT ON COLUMN out.weekly_activity.valid_days IS 'Valid days among them.';
COMMENT ON COLUMN out.weekly_activity.weekend_days IS 'Saturdays and Sundays among the eligible days.';
COMMENT ON COLUMN out.weekly_activity.logged_days IS 'Days with any session, diary entry or attestation.';
COMMENT ON COLUMN out.weekly_activity.steps_total IS 'Steps: sum of what was seen, poorly worn days included: a lower bound. NULL: nothing known.';
COMMENT ON COLUMN out.weekly_activity.steps_mean IS 'Steps: mean of the valid days on which it is known. NULL: none.';
COMMENT ON COLUMN out.weekly_activity.steps_mean_days IS 'Number of days behind that mean.';
COMMENT ON COLUMN out.weekly_activity.walking_minutes_total IS 'Walking minutes: sum of what was seen, poorly worn days included: a lower bound. NULL: nothing known.';
COMMENT ON COLUMN out.weekly_activity.walking_minutes_mean IS 'Walking minutes: mean of the valid days on which it is known. NULL: none.';
COMMENT ON COLUMN out.weekly_activity.walking_minutes_mean_days IS 'Number of days behind that mean.';
COMMENT ON COLUMN out.weekly_activity.movement_minutes_total IS 'Movement minutes: sum of what was seen, poorly worn days included: a lower bound. NULL: nothing known.';
COMMENT ON COLUMN out.weekly_activity.movement_minutes_mean IS 'Movement minutes: mean of the valid days on which it is known. NULL: none.';
COMMENT ON COLUMN out.weekly_activity.movement_minutes_mean_days IS 'Number of days behind that mean.';
COMMENT ON COLUMN out.weekly_activity.exercise_minutes_total IS 'Exercise minutes: sum of what was seen, poorly worn days included: a lower bound. NULL: nothing known.';
COMMENT ON COLUMN out.weekly_activity.exercise_minutes_mean IS 'Exercise minutes: mean of the valid days on which it is known. NULL: none.';
COMMENT ON COLUMN out.weekly_activity.exercise_minutes_mean_days IS 'Number of days behind that mean.';
COMMENT ON COLUMN out.weekly_activity.mvpa_equivalent_minutes_total IS 'Moderate plus twice vigorous minutes: sum of what was seen, poorly worn days included: a lower bound. NULL: nothing known.';
COMMENT ON COLUMN out.weekly_activity.mvpa_equivalent_minutes_mean IS 'Moderate plus twice vigorous minutes: mean of the valid days on which it is known. NULL: none.';
COMMENT ON COLUMN out.weekly_activity.mvpa_equivalent_minutes_mean_days IS 'Number of days behind that mean.';
COMMENT ON COLUMN out.weekly_activity.workout_minutes_total IS 'Workout minutes recorded or written down. NULL: none.';
COMMENT ON COLUMN out.weekly_activity.strength_minutes_total IS 'Strength minutes recorded or written down. NULL: none.';
COMMENT ON COLUMN out.weekly_activity.yoga_minutes_total IS 'Yoga minutes recorded or written down. NULL: none.';
COMMENT ON COLUMN out.weekly_activity.dance_minutes_total IS 'Dance minutes recorded or written down. NULL: none.';
COMMENT ON COLUMN out.weekly_activity.massage_minutes_total IS 'Massage minutes recorded or written down. NULL: none.';
