-- Rule: R4.6, R7.3, R11.3, R11.4
-- Grain: one row per goal, infusion, week and eligible day that is over.
-- `is_valid`: known in full; `is_seen`: a lower bound at least. Whether the log is open is decided for the whole week
-- (150_goal_week_seen), from `has_entry`.
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
    CASE
        WHEN c.is_logged_metric THEN NOT d.is_entry_doubted
        ELSE
            d.day_state = 'valid' AND amount IS NOT NULL
            AND (c.metric = 'steps' OR NOT coalesce(d.is_morning_unseen, FALSE))
    END AS is_valid,
    amount IS NOT NULL AS is_seen,
    amount IS NOT NULL OR d.day_state = 'implausible' AS has_data,
    amount >= c.per_day_amount AS is_success,
    d.is_logged AS has_entry,
    d.is_entry_doubted
FROM week_case AS c
INNER JOIN window_day AS d ON c.week_key = d.week_key AND c.judged_set & d.day_bit <> 0;
