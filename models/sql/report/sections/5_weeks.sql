-- Weeks of which a day is over.
SELECT participant_id, infusion_id, week, week_start, week_end, eligible_days, valid_days, logged_days,
       movement_minutes_mean, movement_minutes_mean_days, steps_mean, steps_mean_days, walking_minutes_mean,
       walking_minutes_mean_days, mvpa_equivalent_minutes_mean, mvpa_equivalent_minutes_mean_days, active_days,
       longest_run_days, top2_share
FROM weekly_activity WHERE eligible_days > 0 AND days_over > 0
ORDER BY week_start DESC, infusion_id
