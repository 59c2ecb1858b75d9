-- Rule: R15.6
-- Grain: one row per post-infusion week and metric of at least k people.
-- Exact numbers of people in two weeks would give away that one person is missing.
CREATE TABLE tables.activity AS
WITH per_person AS (
    UNPIVOT (SELECT a.participant_id, a.week, avg(a.steps_mean) AS steps,
                    avg(a.walking_minutes_mean) AS walking_minutes,
                    avg(a.movement_minutes_mean) AS movement_minutes, avg(a.exercise_minutes_mean) AS exercise_minutes,
                    avg(a.mvpa_equivalent_minutes_mean) AS mvpa_equivalent_minutes
             FROM published.weekly_activity a SEMI JOIN followed f ON f.infusion_id = a.infusion_id GROUP BY ALL)
    ON COLUMNS(* EXCLUDE (participant_id, week)) INTO NAME metric VALUE mean
)
SELECT week, metric, (count(*) // getvariable('k') * getvariable('k'))::INTEGER AS people_at_least,
       round(avg(mean))::BIGINT AS mean
FROM per_person GROUP BY ALL HAVING count(*) >= getvariable('k') ORDER BY ALL;
