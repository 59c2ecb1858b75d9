-- Rule: R8.7, R8.9
-- Grain: one row per infusion that carries weeks and post-infusion week, of those that are judged.
-- No week-to-week change is an effect: fewer than 7 days say little.
CREATE OR REPLACE TEMP TABLE weekly_activity AS
WITH week_day AS (
    SELECT
        *,
        day_state = 'valid' AS is_valid,
        day_state IN ('valid', 'insufficient_wear') AS is_seen,
        day_state = 'valid' AND NOT coalesce(is_morning_unseen, FALSE) AS is_complete,
        is_seen AND movement_ms >= 600000 AS is_active
    FROM window_day
),

summed AS (
    SELECT
        week_key,
        count(*) AS days_over,
        count(*) FILTER (is_valid) AS valid_days,
        count(*) FILTER (is_logged) AS logged_days,
        sum(steps) FILTER (is_seen) AS steps_seen,
        sum(steps) FILTER (is_valid) AS steps_valid,
        count(steps) FILTER (is_valid) AS steps_days,
        sum(walking_ms) FILTER (is_seen) AS walking_seen,
        sum(walking_ms) FILTER (is_complete) AS walking_valid,
        count(walking_ms) FILTER (is_complete) AS walking_days,
        sum(movement_ms) FILTER (is_seen) AS movement_seen,
        sum(movement_ms) FILTER (is_complete) AS movement_valid,
        count(movement_ms) FILTER (is_complete) AS movement_days,
        sum(exercise_ms) FILTER (is_seen) AS exercise_seen,
        sum(exercise_ms) FILTER (is_complete) AS exercise_valid,
        count(exercise_ms) FILTER (is_complete) AS exercise_days,
        sum(mvpa_equivalent_ms) FILTER (is_seen) AS equivalent_seen,
        sum(mvpa_equivalent_ms) FILTER (is_complete) AS equivalent_valid,
        count(mvpa_equivalent_ms) FILTER (is_complete) AS equivalent_days,
        sum(workout_ms) AS workout,
        sum(strength_ms) AS strength,
        sum(yoga_ms) AS yoga,
        sum(dance_ms) AS dance,
        sum(massage_ms) AS massage,
        count(*) FILTER (is_seen AND movement_ms IS NOT NULL) AS movement_seen_days,
        bit_or(CASE WHEN is_active THEN day_bit ELSE 0 END)::UTINYINT AS active_set,
        list_sum(max(movement_ms, 2) FILTER (is_seen)) AS movement_top2
    FROM week_day
    GROUP BY week_key
)

SELECT
    a.participant_id,
    a.infusion_id,
    w.week,
    w.week_start,
    w.week_start + 6 AS week_end,
    bit_count(w.eligible_set)::INTEGER AS eligible_days,
    bit_count(w.eligible_set & w.weekend_set)::INTEGER AS weekend_days,
    coalesce(s.days_over, 0)::INTEGER AS days_over,
    coalesce(s.valid_days, 0)::INTEGER AS valid_days,
    coalesce(s.logged_days, 0)::INTEGER AS logged_days,
    s.steps_seen::BIGINT AS steps_total,
    half_up(s.steps_valid, nullif(s.steps_days, 0)) AS steps_mean,
    coalesce(s.steps_days, 0)::INTEGER AS steps_mean_days,
    half_up(s.walking_seen, 60000) AS walking_minutes_total,
    half_up(s.walking_valid, 60000 * nullif(s.walking_days, 0)) AS walking_minutes_mean,
    coalesce(s.walking_days, 0)::INTEGER AS walking_minutes_mean_days,
    half_up(s.movement_seen, 60000) AS movement_minutes_total,
    half_up(s.movement_valid, 60000 * nullif(s.movement_days, 0)) AS movement_minutes_mean,
    coalesce(s.movement_days, 0)::INTEGER AS movement_minutes_mean_days,
    half_up(s.exercise_seen, 60000) AS exercise_minutes_total,
    half_up(s.exercise_valid, 60000 * nullif(s.exercise_days, 0)) AS exercise_minutes_mean,
    coalesce(s.exercise_days, 0)::INTEGER AS exercise_minutes_mean_days,
    half_up(s.equivalent_seen, 60000) AS mvpa_equivalent_minutes_total,
    half_up(s.equivalent_valid, 60000 * nullif(s.equivalent_days, 0)) AS mvpa_equivalent_minutes_mean,
    coalesce(s.equivalent_days, 0)::INTEGER AS mvpa_equivalent_minutes_mean_days,
    half_up(s.workout, 60000) AS workout_minutes_total,
    half_up(s.strength, 60000) AS strength_minutes_total,
    half_up(s.yoga, 60000) AS yoga_minutes_total,
    half_up(s.dance, 60000) AS dance_minutes_total,
    half_up(s.massage, 60000) AS massage_minutes_total,
    CASE WHEN s.movement_seen_days > 0 THEN d.n_days END AS active_days,
    CASE WHEN s.movement_seen_days > 0 THEN d.longest_run END AS longest_run_days,
    CASE WHEN s.movement_seen_days > 2 THEN half_up(s.movement_top2, nullif(s.movement_seen, 0)) END AS top2_share
FROM infusion_week AS w
INNER JOIN anchor AS a ON w.infusion_key = a.infusion_key
LEFT JOIN summed AS s ON w.week_key = s.week_key
LEFT JOIN day_set AS d ON s.active_set = d.days;
