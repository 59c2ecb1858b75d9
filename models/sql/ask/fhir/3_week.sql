-- Weeks that are over, with the first and the last of their days that count. Parameters: who.
SELECT w.participant_id, w.infusion_id, w.week, coalesce(d.first_day, w.week_start) AS first_day,
       coalesce(d.last_day, w.week_end) AS last_day, w.eligible_days, w.steps_total, w.steps_mean, w.steps_mean_days
FROM weekly_activity w
LEFT JOIN (SELECT infusion_id, week, min(local_date) AS first_day, max(local_date) AS last_day
           FROM infusion_window WHERE participant_id = $who AND is_eligible GROUP BY infusion_id, week) d
    ON w.infusion_id = d.infusion_id AND w.week = d.week
WHERE w.participant_id = $who AND w.eligible_days > 0 AND w.days_over = w.eligible_days
ORDER BY w.week_start, w.infusion_id
