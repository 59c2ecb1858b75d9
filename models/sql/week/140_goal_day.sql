-- What each eligible day that is over gives to a goal: its amount in the goal's metric and whether that is knowledge.
-- Passive metric: `is_valid` on a valid day (it may prove that too little was done), `is_seen` also on a poorly worn
-- one (it counts for what it holds), nothing on an implausible one; a day whose row does not know the metric is a day
-- without data for it. Of a day whose morning nobody saw (day/045_late_start.sql) the steps alone are whole: any other passive
-- metric is seen and no more. Logged metric: absence is zero, provided that the week's log is open; that is decided for the
-- week as a whole (goal_week_seen), from `has_entry`.
-- GRAIN: one row per goal, infusion, week and eligible day that is over.
CREATE OR REPLACE TEMP VIEW goal_day AS
SELECT
    c.case_key,
    c.version_key,
    c.infusion_key,
    c.week,
    c.is_logged_metric,
    d.local_date,
    d.day_bit,
    d.day_state,
    amount_of(
        c.metric, d.steps, d.walking_ms, d.brisk_ms, d.moderate_ms, d.vigorous_ms, d.mvpa_ms,
        d.mvpa_equivalent_ms, d.exercise_ms, d.movement_ms, d.workout_ms, d.strength_ms, d.yoga_ms, d.dance_ms,
        d.massage_ms
    ) AS known_amount,
    CASE
        WHEN c.is_logged_metric THEN coalesce(known_amount, 0)
        WHEN d.day_state IN ('valid', 'insufficient_wear') THEN known_amount
    END AS amount,
    c.is_logged_metric
    OR (d.day_state = 'valid' AND amount IS NOT NULL AND (c.metric = 'steps' OR NOT coalesce(d.is_morning_unseen, FALSE)))
        AS is_valid,
    amount IS NOT NULL AS is_seen,
    amount IS NOT NULL OR d.day_state = 'implausible' AS has_data,
    amount >= c.per_day_amount AS is_success,
    d.is_logged AS has_entry
FROM week_case AS c
INNER JOIN window_day AS d ON c.week_key = d.week_key AND c.judged_set & d.day_bit <> 0;
