-- Rule: when a device was on the body, by the best evidence of that day (measurement section 3.2).
-- hr: a heart beat was measured; a sample holds until the next one if that comes within 15 minutes (section 15.1).
-- steps: where there is no heart rate, a run of 90 minutes without a step is time not worn; one or two minutes with steps
-- between two half hours without any do not end such a run (Choi). A phone proves nothing about being carried.
-- Grain: one stretch of one device on one local_date.
CREATE OR REPLACE TEMP TABLE worn AS
WITH moved AS (
    SELECT f.participant_id, f.device_id, f.minute
    FROM foot_minute f JOIN device d USING (device_id)
    WHERE f.steps > 0 AND d.device_class IN ('study', 'wrist', 'ring', 'clip')
),
cluster AS (  -- minutes with steps that touch each other
    SELECT participant_id, device_id, min(minute) AS first, max(minute) AS last
    FROM (
        SELECT *, minute - row_number() OVER (PARTITION BY device_id ORDER BY minute) * INTERVAL 1 MINUTE AS run FROM moved
    )
    GROUP BY participant_id, device_id, run
),
kept AS (
    SELECT * FROM (
        SELECT *, lag(last) OVER w AS before, lead(first) OVER w AS after
        FROM cluster WINDOW w AS (PARTITION BY device_id ORDER BY first)
    )
    WHERE last - first >= INTERVAL 2 MINUTE
       OR date_diff('minute', before, first) <= 30 OR date_diff('minute', last, after) <= 30
),
stretch AS (
    SELECT participant_id, device_id, first, last, 'steps' AS method, INTERVAL 90 MINUTE AS patience FROM kept
    UNION ALL
    SELECT participant_id, device_id, start_time, start_time, 'hr', INTERVAL 15 MINUTE
    FROM epoch WHERE metric = 'heart_rate' AND value > 0
),
island AS (
    SELECT participant_id, device_id, method, min(first) AS start_time, max(last) + INTERVAL 1 MINUTE AS end_time
    FROM (
        -- a sum, since count(*) FILTER (gap) is very slow over a year of heart beats
        SELECT *, sum(CASE WHEN gap THEN 1 ELSE 0 END) OVER (PARTITION BY device_id, method ORDER BY first) AS n
        FROM (
            -- 90 minutes without a step lie between two minutes with steps that are 91 apart
            SELECT *, first - lag(last) OVER w > patience AS gap
            FROM stretch WINDOW w AS (PARTITION BY device_id, method ORDER BY first)
        )
    )
    GROUP BY participant_id, device_id, method, n
),
by_date AS (
    SELECT i.participant_id, t.local_date, i.device_id, i.method,
           greatest(i.start_time, t.begins) AS start_time, least(i.end_time, t.ends) AS end_time
    FROM island i
    JOIN touched_day t ON t.participant_id = i.participant_id AND i.start_time < t.ends AND i.end_time > t.begins
),
with_heart_rate AS (SELECT DISTINCT device_id, local_date FROM epoch WHERE metric = 'heart_rate' AND value > 0)
SELECT b.* FROM by_date b
LEFT JOIN with_heart_rate h USING (device_id, local_date)
WHERE b.method = CASE WHEN h.device_id IS NULL THEN 'steps' ELSE 'hr' END;
