-- Rule: R5.2, R5.8, R4.7, R4.9
-- Grain: one row per device and local_date: what it says of the day by itself, and who is believed first (rank).
-- A device that has minutes is read by minutes, never by its totals as well. `is_complete`: its data reach
-- over the whole date. Fitbit pads its daily minutes with zeros: these count only beside something else (present).
CREATE OR REPLACE TEMP TABLE total AS
SELECT d.device_id, d.local_date, any_value(day_basis) AS day_basis,
       max(value) FILTER (metric = 'total_steps') AS steps,
       max(value) FILTER (metric = 'total_walking_ms') AS walking_ms,
       max(value) FILTER (metric = 'total_light_ms') AS light_ms,
       max(value) FILTER (metric = 'total_moderate_ms') AS moderate_ms,
       max(value) FILTER (metric = 'total_vigorous_ms') AS vigorous_ms,
       max(value) FILTER (metric = 'total_mvpa_ms') AS mvpa_ms
FROM (
    SELECT d.*
    FROM daily_total d
    SEMI JOIN touched_day t ON t.participant_id = d.participant_id AND t.local_date = d.local_date
    ANTI JOIN superseded s
        ON s.file_id = d.file_id AND s.device_id = d.device_id AND s.metric = d.metric
        AND d.local_date + INTERVAL 12 HOUR >= s.covers_from AND d.local_date + INTERVAL 12 HOUR < s.covers_to
) d
GROUP BY d.device_id, d.local_date;

CREATE OR REPLACE TEMP TABLE reach AS
SELECT device_id, is_total, covers_from, coalesce(lead(reached) OVER w, furthest) AS covers_to
FROM (
    SELECT device_id, metric LIKE 'total_%' AS is_total, covers_from,
           max(covers_to) OVER (PARTITION BY device_id, is_total) AS furthest,
           max(covers_to) OVER (PARTITION BY device_id, is_total ORDER BY covers_from, covers_to
                                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached
    FROM coverage JOIN device USING (device_id)
    WHERE metric IN ('steps', 'readings', 'heart_rate', 'total_steps')
      AND participant_id IN (SELECT participant_id FROM touched_day)
)
WHERE reached IS NULL OR covers_from > reached + INTERVAL 12 HOUR
WINDOW w AS (PARTITION BY device_id, is_total ORDER BY covers_from);

CREATE OR REPLACE TEMP TABLE device_day AS
WITH stepped AS (
    SELECT device_id, local_date, sum(steps)::BIGINT AS steps, min(minute) AS first FROM foot_minute GROUP BY ALL
),
counting AS (  -- a device that was worn while its steps were written, and that wrote none, counted none
    SELECT DISTINCT c.device_id, t.local_date
    FROM covered c
    JOIN touched_day t ON t.participant_id = c.participant_id AND c.covers_from < t.ends AND c.covers_to > t.begins
),
complete AS (
    SELECT DISTINCT r.device_id, t.local_date
    FROM reach r JOIN device d USING (device_id)
    JOIN touched_day t ON t.participant_id = d.participant_id
        AND CASE WHEN r.is_total
            THEN r.covers_from <= t.local_date AND r.covers_to >= t.local_date + 1
            ELSE r.covers_from <= t.begins AND r.covers_to >= t.ends END
),
wear AS (
    SELECT device_id, local_date, any_value(method) AS method,
           sum(epoch_ms(end_time) - epoch_ms(start_time))::BIGINT AS wear_ms
    FROM worn GROUP BY ALL
),
active AS (
    SELECT device_id, local_date FROM stepped
    UNION SELECT device_id, local_date FROM wear
    UNION SELECT device_id, local_date
          FROM (SELECT DISTINCT participant_id, device_id, local_date FROM epoch
                WHERE metric = 'heart_rate' AND value > 0)
          SEMI JOIN touched_day USING (participant_id, local_date)
    UNION SELECT device_id, local_date FROM total
          WHERE steps IS NOT NULL OR walking_ms > 0 OR light_ms > 0 OR moderate_ms > 0 OR vigorous_ms > 0
             OR mvpa_ms > 0
),
sources AS (SELECT DISTINCT participant_id, source, local_date FROM active JOIN device USING (device_id)),
present AS (
    FROM active
    UNION
    SELECT o.device_id, o.local_date FROM total o JOIN device d USING (device_id)
    SEMI JOIN sources s ON s.participant_id = d.participant_id AND s.source = d.source AND s.local_date = o.local_date
)
SELECT t.participant_id, t.local_date, d.device_id, d.source, d.device_class,
       s.device_id IS NOT NULL OR (c.device_id IS NOT NULL AND w.wear_ms > 0) AS has_minutes,
       CASE WHEN d.source = 'withings' THEN o.steps END AS vendor_steps,
       CASE WHEN s.device_id IS NOT NULL OR (c.device_id IS NOT NULL AND w.wear_ms > 0)
            THEN coalesce(vendor_steps, s.steps, 0) ELSE o.steps END AS steps,
       u.device_id IS NOT NULL AS is_suspect, s.device_id IS NOT NULL AND l.device_id IS NOT NULL AS is_late,
       w.wear_ms, w.method AS wear_method, o.day_basis, o.walking_ms, o.light_ms, o.moderate_ms,
       o.vigorous_ms, o.mvpa_ms,
       r.device_id IS NOT NULL AS is_complete, q.device_id IS NOT NULL AS is_doubted,
       row_number() OVER (
           PARTITION BY t.participant_id, t.local_date
           ORDER BY coalesce(w.wear_ms, 0) > 0 OR coalesce(s.steps, o.steps, 0) > 0 DESC,
                    coalesce(
                        list_position(
                            list_transform(string_split(p.source_priority, ';'), lambda x: trim(x)), d.source),
                        1000),
                    list_position(device_classes(), d.device_class),
                    coalesce(w.wear_ms, 0) DESC, coalesce(s.steps, o.steps, 0) DESC, d.source, s.first, d.pseudonym
       ) AS rank
FROM present x
JOIN device d USING (device_id)
JOIN touched_day t ON t.participant_id = d.participant_id AND t.local_date = x.local_date
JOIN participant p ON p.participant_id = d.participant_id
LEFT JOIN stepped s ON s.device_id = x.device_id AND s.local_date = x.local_date
LEFT JOIN counting c ON c.device_id = x.device_id AND c.local_date = x.local_date
LEFT JOIN wear w ON w.device_id = x.device_id AND w.local_date = x.local_date
LEFT JOIN total o ON o.device_id = x.device_id AND o.local_date = x.local_date
LEFT JOIN suspect_clock u ON u.device_id = x.device_id AND u.local_date = x.local_date
LEFT JOIN late_start l ON l.device_id = x.device_id AND l.local_date = x.local_date
LEFT JOIN complete r ON r.device_id = x.device_id AND r.local_date = x.local_date
LEFT JOIN doubted q ON q.device_id = x.device_id AND q.local_date = x.local_date;
