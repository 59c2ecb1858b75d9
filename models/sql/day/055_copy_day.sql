-- Rule: R5.7
-- Grain: one row per device and local_date set aside. lesser_day: the same, of its steps alone, where Health Sync and
-- another device told one date: minutes on the wall and instants of one walk may lie apart, so they are never added.
CREATE OR REPLACE TEMP TABLE copy_day AS
WITH seen AS (
    SELECT participant_id, local_date, device_id FROM foot_minute WHERE steps > 0
    UNION
    SELECT DISTINCT participant_id, local_date, device_id FROM epoch WHERE metric = 'heart_rate' AND value > 0
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

CREATE OR REPLACE TEMP TABLE lesser_day AS
WITH walked AS (
    SELECT f.participant_id, f.local_date, f.device_id, d.source = 'health_sync' AS is_copied,
           is_wearable(d.device_class) AS is_worn, sum(f.steps) AS steps
    FROM foot_minute f JOIN device d USING (device_id)
    WHERE d.device_class <> 'self_report'
    GROUP BY ALL
),
both_ways AS (
    SELECT participant_id, local_date,
           max(steps) FILTER (is_copied) > max(steps) FILTER (NOT is_copied) AS has_more_copied
    FROM walked GROUP BY ALL
    HAVING bool_or(is_copied) AND NOT bool_and(is_copied) AND NOT bool_or(is_worn)
)
SELECT w.participant_id, w.local_date, w.device_id
FROM walked w JOIN both_ways USING (participant_id, local_date)
WHERE is_copied <> has_more_copied;

DELETE FROM foot_minute USING lesser_day l
WHERE foot_minute.device_id = l.device_id AND foot_minute.local_date = l.local_date;
DELETE FROM foot_span USING lesser_day l
WHERE foot_span.device_id = l.device_id AND foot_span.local_date = l.local_date;
