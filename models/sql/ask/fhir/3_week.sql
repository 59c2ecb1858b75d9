-- Weeks that are over. Parameters: who.
SELECT participant_id, infusion_id, week, week_start, week_end, eligible_days, steps_total, steps_mean,
       steps_mean_days
FROM weekly_activity WHERE participant_id = $who AND eligible_days > 0 AND days_over = eligible_days
ORDER BY week_start, infusion_id
