-- Rule: R2.7
-- Grain: one value per call: the column of a `day` row that a metric names, as an amount (030_metric_unit).
CREATE OR REPLACE TEMP MACRO amount_of(
    metric, steps, walking_ms, brisk_ms, moderate_ms, vigorous_ms, mvpa_ms, mvpa_equivalent_ms, exercise_ms,
    movement_ms, workout_ms, strength_ms, yoga_ms, dance_ms, massage_ms
) AS CASE metric
    WHEN 'steps' THEN 1000 * CAST(steps AS BIGINT)
    WHEN 'walking_minutes' THEN walking_ms
    WHEN 'brisk_minutes' THEN brisk_ms
    WHEN 'moderate_minutes' THEN moderate_ms
    WHEN 'vigorous_minutes' THEN vigorous_ms
    WHEN 'mvpa_minutes' THEN mvpa_ms
    WHEN 'mvpa_equivalent_minutes' THEN mvpa_equivalent_ms
    WHEN 'exercise_minutes' THEN exercise_ms
    WHEN 'movement_minutes' THEN movement_ms
    WHEN 'workout_minutes' THEN workout_ms
    WHEN 'strength_minutes' THEN strength_ms
    WHEN 'yoga_minutes' THEN yoga_ms
    WHEN 'dance_minutes' THEN dance_ms
    WHEN 'massage_minutes' THEN massage_ms
END;
