-- Rule: R2.2
-- Grain: one row per device, local_date, kind of movement and counter row.
-- Walking is kind 6, running 1. `timed_`: gained since the last row that also tells how long the feet moved.
CREATE OR REPLACE TEMP TABLE counter AS
WITH row_once AS (
    SELECT r.participant_id, device_id, r.local_date, activity_type, end_time, max(steps)::BIGINT AS steps,
           max(active_ms) AS active_ms
    FROM counter_row r
    WHERE activity_type IN (1, 6) AND steps IS NOT NULL
    GROUP BY ALL
),
timed AS (  -- rows that also tell how long the feet moved, seen from the last such row
    SELECT * EXCLUDE (was_steps, was_active, before), before IS NULL AS is_first,
           CASE WHEN steps >= was_steps THEN steps - was_steps ELSE steps END AS timed_steps,
           CASE WHEN active_ms >= was_active THEN active_ms - was_active ELSE active_ms END AS timed_ms
    FROM (
        SELECT *, lag(steps, 1, 0) OVER w AS was_steps, lag(active_ms, 1, 0) OVER w AS was_active,
               lag(end_time) OVER w AS before
        FROM row_once WHERE active_ms IS NOT NULL
        WINDOW w AS (PARTITION BY device_id, local_date, activity_type ORDER BY end_time)
    )
)
SELECT r.*, t.timed_steps, t.timed_ms, t.is_first AS is_timed_first,
       CASE WHEN r.steps >= r.was_steps THEN r.steps - r.was_steps ELSE r.steps END AS gained
FROM (
    SELECT *, lag(steps, 1, 0) OVER w AS was_steps, lag(end_time) OVER w AS was_end
    FROM row_once
    WINDOW w AS (PARTITION BY device_id, local_date, activity_type ORDER BY end_time)
) r
LEFT JOIN timed t USING (device_id, local_date, activity_type, end_time);
