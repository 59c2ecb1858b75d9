-- Rule: R1.3, R2.7
-- Grain: one row per metric.
-- A day's amount is a whole number: minutes in milliseconds, steps in thousandths. One minute or one step is `unit` of
-- them, and a target with three decimals is a whole number of amounts too.
CREATE OR REPLACE TEMP TABLE metric_unit AS
SELECT
    metric,
    is_logged_metric(metric) AS is_logged_metric,
    (CASE metric WHEN 'steps' THEN 1000 ELSE 60000 END)::BIGINT AS unit
FROM (SELECT unnest(metrics()) AS metric);
