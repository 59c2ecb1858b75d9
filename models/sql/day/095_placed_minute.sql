-- Rule: R5.1, R2.17
-- Grain: one row per minute with steps of the reading that is taken.
CREATE OR REPLACE TEMP TABLE placed_minute AS
SELECT f.participant_id, f.local_date, f.minute, f.steps, f.is_true, d.device_class = 'self_report' AS is_typed
FROM foot_minute f
JOIN chosen c ON c.participant_id = f.participant_id AND c.local_date = f.local_date
JOIN device_day d ON d.device_id = f.device_id AND d.local_date = f.local_date
LEFT JOIN minute_source m ON m.participant_id = f.participant_id AND m.local_date = f.local_date
    AND m.minute = f.minute
WHERE f.steps > 0
  AND ((c.kind = 'minutes' AND coalesce(m.rank, d.rank) = d.rank) OR (c.kind = 'alone' AND c.device_id = f.device_id));
