-- A day's amount is a whole number: minutes in milliseconds, steps in thousandths. One minute or one step is `unit` of
-- them, and a target with three decimals is a whole number of amounts too. Logged metrics exist only if somebody
-- records them, so that nothing recorded means something else there (measurement section 3.5).
-- GRAIN: one row per metric.
CREATE OR REPLACE TEMP TABLE metric_unit AS
SELECT
    metric,
    is_logged_metric(metric) AS is_logged_metric,
    (CASE metric WHEN 'steps' THEN 1000 ELSE 60000 END)::BIGINT AS unit
FROM (SELECT unnest(metrics()) AS metric);
