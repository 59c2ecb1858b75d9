-- Rule: R4.8
-- Grain: one row per device and local_date of which nobody saw the time from `begins` to `known_from`.
-- Rows begin with their file where that says when: a watch at rest writes none. A row stamped with the midnight that
-- ends a day is of that day, and so is its pulse.
CREATE OR REPLACE TEMP TABLE late_start AS
WITH begun AS (
    SELECT device_id, local_date, begins, min(row_at) AS seen_from
    FROM (
        SELECT r.device_id, t.local_date, t.begins, min(r.end_time) AS row_at
        FROM counter_row r JOIN touched_day t ON t.participant_id = r.participant_id AND t.local_date = r.local_date
        GROUP BY ALL
        UNION ALL
        SELECT e.device_id, t.local_date, t.begins, min(e.start_time)
        FROM epoch e JOIN touched_day t ON t.participant_id = e.participant_id AND t.local_date = e.local_date
        WHERE e.metric = 'heart_rate' AND e.start_time <> t.begins
        GROUP BY ALL
        UNION ALL
        SELECT c.device_id, t.local_date, t.begins, if(c.covers_from > t.begins, c.covers_from, t.begins)
        FROM covered c
        JOIN touched_day t ON t.participant_id = c.participant_id AND c.covers_from < t.ends AND c.covers_to > t.begins
        WHERE c.metric = 'readings'
    )
    GROUP BY ALL
)
SELECT c.participant_id, device_id, local_date, b.begins, max(c.end_time) AS known_from
FROM begun b JOIN counter c USING (device_id, local_date)
WHERE b.seen_from > b.begins + INTERVAL 1 HOUR AND c.was_end IS NULL
  AND c.steps - 250 * date_diff('minute', b.seen_from, c.end_time) >= 100
GROUP BY ALL;
