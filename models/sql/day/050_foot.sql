-- Rule: R2.1, R2.3, R2.4
-- Grain: one row per device and minute with steps (foot_minute), and per stretch of foot movement of a device
-- (foot_span). `is_true`: all steps of the minute were told of this minute, not laid over several.
-- What a counter stood at when nobody saw its morning (045_late_start) are steps at no known pace.
CREATE OR REPLACE TEMP TABLE foot_minute AS
SELECT participant_id, local_date, device_id, start_time AS minute, sum(steps)::BIGINT AS steps,
       bool_and(is_true) AS is_true
FROM (
    SELECT participant_id, local_date, device_id, start_time, value AS steps, metric = 'steps' AS is_true FROM epoch
    WHERE metric IN ('steps', 'steps_spread')
    UNION ALL
    SELECT participant_id, local_date, device_id,
           date_trunc('minute', end_time - INTERVAL 1 MILLISECOND) - (n - 1 - k) * INTERVAL 1 MINUTE,
           (gained * (k + 1)) // n - (gained * k) // n, FALSE
    FROM (
        SELECT *, unnest(generate_series(0, n - 1)) AS k
        FROM (
            SELECT c.*, greatest(1, least(
                ceil(coalesce(timed_ms, 0) / 60000)::BIGINT,
                date_diff('minute', coalesce(was_end, l.begins), end_time))) AS n
            FROM counter c JOIN local_day l USING (participant_id, local_date)
            WHERE gained > 0
        )
    )
)
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE foot_span AS
SELECT participant_id, local_date, device_id, start_time, start_time + INTERVAL 1 MINUTE AS end_time,
       CASE WHEN metric = 'steps' THEN value END AS cadence, metric = 'steps_spread' AS is_spread
FROM epoch WHERE metric IN ('steps', 'steps_spread') AND value > 0
UNION ALL
SELECT participant_id, local_date, device_id, end_time - timed_ms * INTERVAL 1 MILLISECOND, end_time,
       CASE WHEN timed_steps * 60000 <= 200 * timed_ms THEN (timed_steps * 60000) // timed_ms END, FALSE
FROM counter ANTI JOIN late_start l ON l.device_id = counter.device_id AND l.local_date = counter.local_date
                          AND counter.is_timed_first
WHERE timed_ms > 0;
