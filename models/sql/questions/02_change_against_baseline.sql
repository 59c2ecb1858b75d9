-- How do the steps of each post-infusion week compare with those before the first infusion?
-- A row is an infusion's week; both means are steps a day over valid days and have their number of days beside them.
-- Means of fewer than 4 days are left out. With device_changed another device counted than before: the level may differ
-- by that alone. A later course may have a baseline of its own (from_date in baseline), after the one before it. A
-- difference of weeks is no effect of an infusion: people differ from week to week by as much.
WITH usual AS (
    SELECT w.infusion_id, w.week, mode(d.primary_source ORDER BY d.primary_source) AS source
    FROM infusion_window w JOIN daily_activity d USING (participant_id, local_date)
    WHERE w.is_eligible AND d.day_state = 'valid'
    GROUP BY w.infusion_id, w.week
)
SELECT w.participant_id, w.infusion_id, w.week, b.steps_mean AS baseline_steps_mean,
       b.steps_mean_days AS baseline_steps_mean_days, w.steps_mean, w.steps_mean_days,
       round(w.steps_mean - b.steps_mean, 1) AS difference,
       round(100 * (w.steps_mean - b.steps_mean) / nullif(b.steps_mean, 0), 1) AS difference_percent,
       u.source <> b.usual_source AS device_changed
FROM weekly_activity w JOIN baseline b USING (infusion_id) LEFT JOIN usual u USING (infusion_id, week)
WHERE w.steps_mean_days >= 4 AND b.steps_mean_days >= 4
ORDER BY w.participant_id, w.week_start;
