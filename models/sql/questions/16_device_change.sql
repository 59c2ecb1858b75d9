-- Does the change against baseline hold without the weeks in which another device counted?
-- A row is a post-infusion week, over infusions with at least 4 valid days in the week and in the baseline window. The
-- change in steps a day, each with its number of weeks: of all; of those whose most common source is the baseline's;
-- and of those where it is another. If all and same_device differ, the change is in part one of devices. A sensitivity
-- analysis, not a correction: who changes a device may differ, and two devices of one source (a new watch of the same
-- brand) look like the same here. mixed_weeks counts those with more than one source on valid days.
WITH usual AS (
    SELECT w.infusion_id, w.week, mode(d.primary_source ORDER BY d.primary_source) AS source,
           count(DISTINCT d.primary_source) > 1 AS is_mixed
    FROM infusion_window w JOIN daily_activity d USING (participant_id, local_date)
    WHERE w.is_eligible AND d.day_state = 'valid'
    GROUP BY w.infusion_id, w.week
),
changed AS (
    SELECT w.week, w.steps_mean - b.steps_mean AS change, u.source = b.usual_source AS is_same, u.is_mixed
    FROM weekly_activity w JOIN baseline b USING (infusion_id) JOIN usual u USING (infusion_id, week)
    WHERE w.steps_mean_days >= 4 AND b.steps_mean_days >= 4
)
SELECT week, round(avg(change), 1) AS all_mean, count(change) AS all_mean_weeks,
       round(avg(change) FILTER (is_same), 1) AS same_device_mean,
       count(change) FILTER (is_same) AS same_device_mean_weeks,
       round(avg(change) FILTER (NOT is_same), 1) AS other_device_mean,
       count(change) FILTER (NOT is_same) AS other_device_mean_weeks, count(*) FILTER (is_mixed) AS mixed_weeks
FROM changed
GROUP BY week
ORDER BY week;
