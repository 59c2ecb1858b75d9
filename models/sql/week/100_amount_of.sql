-- Rule: R2.7
-- Grain: one value per call: the column of a `day` row that a metric names, as an amount (030_metric_unit).
CREATE OR REPLACE TEMP MACRO amount_of(
    metric_key, steps, walking_ms, brisk_ms, moderate_ms, vigorous_ms, mvpa_ms, mvpa_equivalent_ms, exercise_ms,
    movement_ms, workout_ms, strength_ms, yoga_ms, dance_ms, massage_ms
) AS CASE metric_key
    WHEN 0 THEN 1000 * CAST(steps AS BIGINT)
    WHEN 1 THEN walking_ms
    WHEN 2 THEN brisk_ms
    WHEN 3 THEN moderate_ms
    WHEN 4 THEN vigorous_ms
    WHEN 5 THEN mvpa_ms
    WHEN 6 THEN mvpa_equivalent_ms
    WHEN 7 THEN exercise_ms
    WHEN 8 THEN movement_ms
    WHEN 9 THEN workout_ms
    WHEN 10 THEN strength_ms
    WHEN 11 THEN yoga_ms
    WHEN 12 THEN dance_ms
    WHEN 13 THEN massage_ms
END;
