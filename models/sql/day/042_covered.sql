-- Rule: R4.7, R4.8
-- Grain: one row per stretch that files cover of what a device counts: its steps, or its readings (covered).
CREATE OR REPLACE TEMP TABLE covered AS
SELECT participant_id, device_id, metric, covers_from, coalesce(lead(reached) OVER w, furthest) AS covers_to
FROM (
    SELECT d.participant_id, c.*, max(c.covers_to) OVER (PARTITION BY c.device_id, c.metric) AS furthest,
           max(c.covers_to) OVER (PARTITION BY c.device_id, c.metric ORDER BY c.covers_from
                                  ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached
    FROM coverage c JOIN device d USING (device_id)
    WHERE c.metric IN ('steps', 'readings') AND d.participant_id IN (SELECT participant_id FROM touched_day)
)
WHERE reached IS NULL OR covers_from > reached
WINDOW w AS (PARTITION BY device_id, metric ORDER BY covers_from);
