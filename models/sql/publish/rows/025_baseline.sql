-- Rule: R10.1, R10.2
-- Grain: one row per infusion that happened.
-- Of an infusion that went over to another person, that person's alone: who had it before may be held.
-- The days are those a derived target would be made of (week/120_derived_target.sql).
WITH counted AS (
    SELECT k.infusion_id, d.*
    FROM kept_baseline k
    JOIN day d
        ON d.participant_id = k.participant_id AND d.local_date >= k.before_date - 14 AND d.local_date < k.before_date
    ANTI JOIN judged_infusion i ON i.participant_id = d.participant_id AND i.infused_on = d.local_date
    WHERE d.day_state = 'valid' AND NOT d.is_partial AND d.local_date < (SELECT as_of FROM judging)
),
summed AS (
    SELECT participant_id, infusion_id, count(*) AS baseline_days,
           mode(primary_source ORDER BY primary_source) AS usual_source,
           avg(steps) AS steps_mean, count(steps) AS steps_mean_days,
           avg(walking_ms) / 60000 AS walking_minutes_mean, count(walking_ms) AS walking_minutes_mean_days,
           avg(movement_ms) / 60000 AS movement_minutes_mean, count(movement_ms) AS movement_minutes_mean_days,
           avg(exercise_ms) / 60000 AS exercise_minutes_mean, count(exercise_ms) AS exercise_minutes_mean_days,
           avg(mvpa_equivalent_ms) / 60000 AS mvpa_equivalent_minutes_mean,
           count(mvpa_equivalent_ms) AS mvpa_equivalent_minutes_mean_days
    FROM counted GROUP BY participant_id, infusion_id
)
SELECT k.participant_id, k.infusion_id, k.before_date - 14 AS from_date, k.before_date - 1 AS to_date,
       s.* EXCLUDE (participant_id, infusion_id) REPLACE (
           coalesce(s.baseline_days, 0) AS baseline_days, coalesce(s.steps_mean_days, 0) AS steps_mean_days,
           coalesce(s.walking_minutes_mean_days, 0) AS walking_minutes_mean_days,
           coalesce(s.movement_minutes_mean_days, 0) AS movement_minutes_mean_days,
           coalesce(s.exercise_minutes_mean_days, 0) AS exercise_minutes_mean_days,
           coalesce(s.mvpa_equivalent_minutes_mean_days, 0) AS mvpa_equivalent_minutes_mean_days)
FROM kept_baseline k SEMI JOIN participant p ON p.participant_id = k.participant_id
ANTI JOIN infusion AS i ON i.infusion_id = k.infusion_id AND i.participant_id <> k.participant_id
LEFT JOIN summed s ON s.infusion_id = k.infusion_id AND s.participant_id = k.participant_id
ORDER BY participant_id, infusion_id
