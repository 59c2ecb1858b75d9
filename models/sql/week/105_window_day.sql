-- Rule: R8.7, R11.3
-- Grain: one row per infusion that carries weeks and eligible date before `as_of`.
-- The rows every weekly figure is made of. A day without a `day` row is here too, knowing nothing.
CREATE OR REPLACE TEMP TABLE window_day AS
SELECT
    w.week_key,
    w.day_bit,
    w.local_date,
    d.day_state,
    d.is_morning_unseen,
    d.steps,
    d.walking_ms,
    d.brisk_ms,
    d.moderate_ms,
    d.vigorous_ms,
    d.mvpa_ms,
    d.mvpa_equivalent_ms,
    d.exercise_ms,
    d.movement_ms,
    d.workout_ms,
    d.strength_ms,
    d.yoga_ms,
    d.dance_ms,
    d.massage_ms,
    d.is_logged,
    q.local_date IS NOT NULL AS is_entry_doubted,
    d.primary_source
FROM infusion_window AS w
LEFT JOIN judged_day AS d ON w.person_key = d.person_key AND w.local_date = d.local_date
LEFT JOIN doubted_entry AS q ON w.person_key = q.person_key AND w.local_date = q.local_date
WHERE w.is_eligible AND w.local_date < getvariable('as_of');
