-- Rule: R2.5, R2.7, R2.8
-- Grain: one row per participant and local_date, one column per metric, milliseconds.
-- `unlabelled`: moderate or vigorous stretches that no walk and no session explains (R2.11).
CREATE OR REPLACE TEMP TABLE measured AS
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
),
length AS (
    SELECT participant_id, local_date, metric,
           sum(greatest(0, epoch_ms(end_time) - epoch_ms(greatest(start_time, coalesce(reached, start_time)))))::BIGINT
               AS ms
    FROM (
        SELECT *, max(end_time) OVER (PARTITION BY participant_id, local_date, metric ORDER BY start_time, end_time
                                      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached
        FROM membership WHERE metric IS NOT NULL
    )
    GROUP BY ALL
)
SELECT participant_id, local_date,
       any_value(ms) FILTER (metric = 'walking') AS walking,
       any_value(ms) FILTER (metric = 'brisk') AS brisk,
       any_value(ms) FILTER (metric = 'moderate') AS moderate,
       any_value(ms) FILTER (metric = 'vigorous') AS vigorous,
       any_value(ms) FILTER (metric = 'exercise') AS exercise,
       any_value(ms) FILTER (metric = 'movement') AS movement,
       any_value(ms) FILTER (metric = 'unlabelled') AS unlabelled,
       any_value(ms) FILTER (metric = 'workout') AS workout,
       any_value(ms) FILTER (metric = 'strength') AS strength,
       any_value(ms) FILTER (metric = 'yoga') AS yoga,
       any_value(ms) FILTER (metric = 'dance') AS dance,
       any_value(ms) FILTER (metric = 'massage') AS massage
FROM length GROUP BY participant_id, local_date;
