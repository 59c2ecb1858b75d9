-- Rule: R5.1, R5.3, R4.8
-- Grain: one row per minute with steps of anybody, with the rank of the device that has it, on days with more than one
-- device.
CREATE OR REPLACE TEMP TABLE minute_source AS
WITH rivals AS (  -- days on which more than one device has minutes; elsewhere there is nothing to decide
    SELECT participant_id, local_date FROM device_day WHERE has_minutes OR wear_ms > 0
    GROUP BY ALL HAVING count(*) > 1
),
seen AS (
    SELECT f.participant_id, f.local_date, f.minute, d.rank
    FROM foot_minute f
    SEMI JOIN rivals r ON r.participant_id = f.participant_id AND r.local_date = f.local_date
    JOIN device_day d ON d.device_id = f.device_id AND d.local_date = f.local_date
    WHERE f.steps > 0
),
counted AS (
    SELECT participant_id, local_date, device_id, start_time, end_time FROM worn
    UNION ALL
    SELECT participant_id, local_date, device_id, begins, known_from FROM late_start
),
counted_then AS (
    SELECT m.participant_id, m.local_date, m.minute, d.rank
    FROM (SELECT DISTINCT participant_id, local_date, minute FROM seen) m
    JOIN counted w ON w.participant_id = m.participant_id AND w.local_date = m.local_date
                  AND m.minute >= w.start_time AND m.minute < w.end_time
    JOIN device_day d ON d.device_id = w.device_id AND d.local_date = w.local_date AND d.has_minutes
)
SELECT participant_id, local_date, minute, min(rank) AS rank
FROM (FROM seen UNION ALL FROM counted_then)
GROUP BY ALL;
