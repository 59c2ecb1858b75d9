-- Rule: R2.5, R2.7, R2.8, R2.16
-- Grain: one row per participant and local_date, one column per metric, milliseconds (measured); one row per metric and
-- stretch of it on the clock, each minute in one, and of wear (measured_stretch).
-- `unlabelled`: moderate or vigorous stretches that no walk and no session explains (R2.11).
CREATE OR REPLACE TEMP TABLE measured_stretch AS
WITH piece AS (
    SELECT s.participant_id, s.local_date, greatest(s.start_time, t.start_time) AS start_time,
           least(s.end_time, t.end_time) AS end_time, t.label, FALSE AS is_session,
           coalesce(walks_at(s.cadence) AND (coalesce(t.label, 'other') = 'other' OR is_walk(t.label)), FALSE) AS walks,
           s.cadence, s.intensity
    FROM span s
    JOIN timeline t ON t.participant_id = s.participant_id AND t.local_date = s.local_date
                   AND t.start_time < s.end_time AND t.end_time > s.start_time
    UNION ALL
    SELECT participant_id, local_date, start_time, end_time, label, TRUE, is_walk(label), NULL, NULL
    FROM timeline WHERE is_session
),
membership AS (
    SELECT *, unnest([
        CASE WHEN walks THEN 'walking' END,
        CASE WHEN intensity_at(cadence) >= 1 THEN 'brisk' END,
        CASE WHEN intensity = 1 THEN 'moderate' END,
        CASE WHEN intensity = 2 THEN 'vigorous' END,
        CASE WHEN exercises THEN 'exercise' END,
        CASE WHEN walks OR exercises OR (is_session AND label = 'yoga') THEN 'movement' END,
        CASE WHEN intensity > 0 AND NOT walks AND label IS NULL THEN 'unlabelled' END,
        CASE WHEN is_session AND works THEN 'workout' END,
        CASE WHEN is_session AND label IN ('strength', 'yoga', 'dance', 'massage') THEN label END
    ]) AS metric
    FROM (
        SELECT *, coalesce(intensity > 0, FALSE) OR (is_session AND works) AS exercises
        FROM (
            SELECT *, coalesce(is_workout(label), FALSE) AS works FROM piece
        )
    )
)
SELECT participant_id, local_date, metric, start_time, coalesce(lead(reached) OVER w, furthest) AS end_time
FROM (
    SELECT *, max(end_time) OVER (PARTITION BY participant_id, local_date, metric) AS furthest,
           max(end_time) OVER (PARTITION BY participant_id, local_date, metric ORDER BY start_time, end_time
                               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached
    FROM (SELECT participant_id, local_date, metric, start_time, end_time FROM membership WHERE metric IS NOT NULL
          UNION ALL SELECT participant_id, local_date, 'worn', start_time, end_time FROM worn)
)
WHERE reached IS NULL OR start_time > reached
WINDOW w AS (PARTITION BY participant_id, local_date, metric ORDER BY start_time);

CREATE OR REPLACE TEMP TABLE measured AS
SELECT participant_id, local_date,
       sum(ms) FILTER (metric = 'walking')::BIGINT AS walking,
       sum(ms) FILTER (metric = 'brisk')::BIGINT AS brisk,
       sum(ms) FILTER (metric = 'moderate')::BIGINT AS moderate,
       sum(ms) FILTER (metric = 'vigorous')::BIGINT AS vigorous,
       sum(ms) FILTER (metric = 'exercise')::BIGINT AS exercise,
       sum(ms) FILTER (metric = 'movement')::BIGINT AS movement,
       sum(ms) FILTER (metric = 'unlabelled')::BIGINT AS unlabelled,
       sum(ms) FILTER (metric = 'workout')::BIGINT AS workout,
       sum(ms) FILTER (metric = 'strength')::BIGINT AS strength,
       sum(ms) FILTER (metric = 'yoga')::BIGINT AS yoga,
       sum(ms) FILTER (metric = 'dance')::BIGINT AS dance,
       sum(ms) FILTER (metric = 'massage')::BIGINT AS massage,
       max(ms) FILTER (metric = 'walking')::BIGINT AS longest_walking
FROM (SELECT *, epoch_ms(end_time) - epoch_ms(start_time) AS ms FROM measured_stretch)
GROUP BY participant_id, local_date;
