-- Rule: R4.1, R4.2, R4.3
-- Grain: one row per stretch in which one device was worn on one local_date; those of one device never overlap.
-- A minute with steps is a worn minute by either method. Runs without steps are those of Choi.
CREATE OR REPLACE TEMP TABLE worn AS
WITH moved AS (
    SELECT f.participant_id, f.device_id, f.minute
    FROM foot_minute f JOIN device d USING (device_id)
    WHERE f.steps > 0 AND is_wearable(d.device_class)
),
cluster AS (  -- minutes with steps that touch each other
    SELECT participant_id, device_id, min(minute) AS first, max(minute) AS last
    FROM (
        SELECT *, minute - row_number() OVER (PARTITION BY device_id ORDER BY minute) * INTERVAL 1 MINUTE AS run
        FROM moved
    )
    GROUP BY participant_id, device_id, run
),
lasting AS (
    SELECT * FROM (
        SELECT *, lag(last) OVER w AS before, lead(first) OVER w AS after
        FROM cluster WINDOW w AS (PARTITION BY device_id ORDER BY first)
    )
    WHERE last - first >= INTERVAL 2 MINUTE
       OR date_diff('minute', before, first) <= 30 OR date_diff('minute', last, after) <= 30
),
beat AS (  -- minutes with a heart rate that touch each other; one a minute, so that these are few
    SELECT participant_id, device_id, local_date, min(start_time) AS first, max(start_time) AS last, count(*) AS n
    FROM (
        SELECT *, start_time - row_number() OVER (PARTITION BY device_id, local_date ORDER BY start_time)
                  * INTERVAL 1 MINUTE AS run
        FROM epoch WHERE metric = 'heart_rate' AND value > 0
    )
    GROUP BY participant_id, device_id, local_date, run
),
beating AS (
    SELECT *, lead(first) OVER (PARTITION BY device_id ORDER BY first) AS next FROM beat
),
dense AS (  -- device-days on which the median sample is close to the next; after the last of all it is as far as can be
    SELECT device_id, local_date FROM beating GROUP BY ALL
    HAVING 2 * sum(n - 1 + (coalesce(date_diff('minute', last, next), 1440) <= 15)::INTEGER) >= sum(n)
),
stretch AS (
    SELECT participant_id, device_id, 'hr' AS method, first AS start_time,
           CASE WHEN next - last <= INTERVAL 15 MINUTE THEN next ELSE last + INTERVAL 1 MINUTE END AS end_time
    FROM beating
    UNION ALL
    -- 90 minutes without a step lie between two minutes with steps that are 91 apart
    SELECT participant_id, device_id, 'steps', first,
           CASE WHEN next - last <= INTERVAL 90 MINUTE THEN next ELSE last + INTERVAL 1 MINUTE END
    FROM (SELECT *, lead(first) OVER (PARTITION BY device_id ORDER BY first) AS next FROM lasting)
    UNION ALL
    SELECT participant_id, device_id, 'hr', first, last + INTERVAL 1 MINUTE FROM cluster
),
island AS (
    SELECT participant_id, device_id, method, min(start_time) AS start_time, max(end_time) AS end_time
    FROM (
        -- a sum, since count(*) FILTER (gap) is very slow over a year of heart beats
        SELECT *,
               sum(CASE WHEN start_time > reached THEN 1 ELSE 0 END)
                   OVER (PARTITION BY device_id, method ORDER BY start_time, end_time)
            AS n
        FROM (
            SELECT *, max(end_time) OVER (PARTITION BY device_id, method ORDER BY start_time, end_time
                                          ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached
            FROM stretch
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
seen AS (  -- by a clock of its own a device may have been worn on one date and have it told of the next alone
    SELECT device_id, local_date FROM beat UNION SELECT device_id, local_date FROM foot_minute WHERE steps > 0
)
SELECT b.* FROM by_date b SEMI JOIN seen USING (device_id, local_date)
LEFT JOIN dense h USING (device_id, local_date)
WHERE b.method = CASE WHEN h.device_id IS NULL THEN 'steps' ELSE 'hr' END;
