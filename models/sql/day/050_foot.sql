-- Rule: steps by minute, and stretches of foot movement with a cadence (measurement sections 2.2 and 15.2).
-- A 60-second epoch is both; of a longer sample only the steps are known, never the cadence. Between two rows of a counter the moving time lies at the end of the interval; its cadence
-- is the steps gained by the time gained, and is not known above 200 a minute (some watches count time far too
-- sparingly). The steps of a row are laid over the minutes of that moving time, whole steps, none lost. What a counter
-- stood at when nobody saw its morning (045_late_start) are steps at no known pace.
-- Grain: foot_minute: device x minute; foot_span: one stretch of one device.
CREATE OR REPLACE TEMP TABLE foot_minute AS
SELECT participant_id, local_date, device_id, start_time AS minute, sum(steps)::BIGINT AS steps
FROM (
    SELECT participant_id, local_date, device_id, start_time, value AS steps FROM epoch WHERE metric IN ('steps', 'steps_spread')
    UNION ALL
    SELECT participant_id, local_date, device_id,
           date_trunc('minute', end_time - INTERVAL 1 MILLISECOND) - (n - 1 - k) * INTERVAL 1 MINUTE,
           (gained * (k + 1)) // n - (gained * k) // n
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
