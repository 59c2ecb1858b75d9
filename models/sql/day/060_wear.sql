-- Rule: R4.1, R4.2, R4.3
-- Grain: one row per stretch in which one device was worn on one local_date; those of one device never overlap.
-- A minute with steps is a worn minute by either method. Runs without steps are those of Choi.
CREATE OR REPLACE TEMP TABLE worn AS
WITH moved AS (
    SELECT f.device_id, f.minute
    FROM foot_minute f JOIN device d USING (device_id)
    WHERE f.steps > 0 AND is_wearable(d.device_class)
),
cluster AS (  -- minutes with steps that touch each other
    SELECT device_id, min(minute) AS first, max(minute) AS last
    FROM (
        SELECT *, minute - row_number() OVER (PARTITION BY device_id ORDER BY minute) * INTERVAL 1 MINUTE AS run
        FROM moved
    )
    GROUP BY device_id, run
),
lasting AS (
    SELECT * FROM (
        SELECT *, lag(last) OVER w AS before, lead(first) OVER w AS after
        FROM cluster WINDOW w AS (PARTITION BY device_id ORDER BY first)
    )
    WHERE last - first >= INTERVAL 2 MINUTE
       OR date_diff('minute', before, first) <= 30 OR date_diff('minute', last, after) <= 30
),
beat AS (  -- minutes with a heart rate, and whether the one before and the next are close
    SELECT device_id, local_date, start_time,
           coalesce(lag(start_time) OVER w >= start_time - INTERVAL 15 MINUTE, FALSE) AS goes_on,
           coalesce(lead(start_time) OVER w <= start_time + INTERVAL 15 MINUTE, FALSE) AS is_close
    FROM epoch WHERE metric = 'heart_rate' AND value > 0
    WINDOW w AS (PARTITION BY device_id ORDER BY start_time)
),
dense AS (  -- device-days on which the median sample is close to the next; after the last of all it is as far as can be
    SELECT device_id, local_date FROM beat GROUP BY ALL HAVING 2 * sum(is_close::INTEGER) >= count(*)
),
edge AS (  -- the first and the last of those that are close
    SELECT *, lead(start_time) OVER (PARTITION BY device_id ORDER BY start_time, goes_on) AS next
    FROM beat WHERE NOT (goes_on AND is_close)
),
stretch AS (
    SELECT device_id, 'hr' AS method, start_time,
           if(is_close, next, start_time) + INTERVAL 1 MINUTE AS end_time
    FROM edge WHERE NOT goes_on
    UNION ALL
    -- 90 minutes without a step lie between two minutes with steps that are 91 apart
    SELECT device_id, 'steps', first,
           CASE WHEN next - last <= INTERVAL 90 MINUTE THEN next ELSE last + INTERVAL 1 MINUTE END
    FROM (SELECT *, lead(first) OVER (PARTITION BY device_id ORDER BY first) AS next FROM lasting)
    UNION ALL
    SELECT device_id, 'hr', first, last + INTERVAL 1 MINUTE FROM cluster
),
island AS (
    SELECT device_id, method, start_time, coalesce(lead(reached) OVER w, furthest) AS end_time
    FROM (
        SELECT *, max(end_time) OVER (PARTITION BY device_id, method) AS furthest,
               max(end_time) OVER (PARTITION BY device_id, method ORDER BY start_time, end_time
                                   ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached
        FROM stretch
    )
    WHERE reached IS NULL OR start_time > reached
    WINDOW w AS (PARTITION BY device_id, method ORDER BY start_time)
),
by_date AS (
    SELECT d.participant_id, t.local_date, i.device_id, i.method,
           greatest(i.start_time, t.begins) AS start_time, least(i.end_time, t.ends) AS end_time
    FROM island i JOIN device d USING (device_id)
    JOIN touched_day t ON t.participant_id = d.participant_id AND i.start_time < t.ends AND i.end_time > t.begins
),
seen AS (  -- by a clock of its own a device may have been worn on one date and have it told of the next alone
    SELECT DISTINCT device_id, local_date FROM beat UNION SELECT device_id, local_date FROM foot_minute WHERE steps > 0
)
SELECT b.* FROM by_date b SEMI JOIN seen USING (device_id, local_date)
LEFT JOIN dense h USING (device_id, local_date)
WHERE b.method = CASE WHEN h.device_id IS NULL THEN 'steps' ELSE 'hr' END;
