-- Rule: R5.7
-- Grain: one row per device and local_date set aside.
CREATE OR REPLACE TEMP TABLE copy_day AS
WITH seen AS (
    SELECT participant_id, local_date, device_id FROM foot_minute WHERE steps > 0
    UNION
    SELECT participant_id, local_date, device_id FROM epoch WHERE metric = 'heart_rate' AND value > 0
),
direct AS (
    SELECT DISTINCT t.participant_id, t.local_date FROM seen t JOIN device d USING (device_id)
    WHERE is_wearable(d.device_class)
)
SELECT t.participant_id, t.local_date, t.device_id
FROM seen t
JOIN device d USING (device_id)
SEMI JOIN direct x ON x.participant_id = t.participant_id AND x.local_date = t.local_date
WHERE d.device_class IN ('unknown', 'self_report');

DELETE FROM foot_minute USING copy_day c
WHERE foot_minute.device_id = c.device_id AND foot_minute.local_date = c.local_date;
DELETE FROM foot_span USING copy_day c WHERE foot_span.device_id = c.device_id AND foot_span.local_date = c.local_date;
DELETE FROM epoch USING copy_day c WHERE epoch.device_id = c.device_id AND epoch.local_date = c.local_date;
