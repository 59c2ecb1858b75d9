-- Rule: R1.3, R2.7
-- Grain: one row per metric.
-- A day's amount is a whole number: minutes in milliseconds, steps in thousandths. One minute or one step is `unit` of
-- them, and a target with three decimals is a whole number of amounts too.
CREATE OR REPLACE TEMP TABLE metric_unit AS
SELECT
    metric,
    metric_key::UTINYINT AS metric_key,
    is_logged_metric,
    (CASE metric WHEN 'steps' THEN 1000 ELSE 60000 END)::BIGINT AS unit
FROM (
    VALUES
    ('steps', 0, FALSE),
    ('walking_minutes', 1, FALSE),
    ('brisk_minutes', 2, FALSE),
    ('moderate_minutes', 3, FALSE),
    ('vigorous_minutes', 4, FALSE),
    ('mvpa_minutes', 5, FALSE),
    ('mvpa_equivalent_minutes', 6, FALSE),
    ('exercise_minutes', 7, FALSE),
    ('movement_minutes', 8, FALSE),
    ('workout_minutes', 9, TRUE),
    ('strength_minutes', 10, TRUE),
    ('yoga_minutes', 11, TRUE),
    ('dance_minutes', 12, TRUE),
    ('massage_minutes', 13, TRUE)
) AS metrics (metric, metric_key, is_logged_metric);
