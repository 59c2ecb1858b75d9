-- Rule: R2.4, R2.5, R2.6
-- Grain: one row per stretch of the chosen reading, with its cadence or the device's own judgement (span).
-- `intensity`: as in 005_bands.
CREATE OR REPLACE TEMP TABLE judged_minute AS
WITH best AS (  -- the device whose judgement counts, and which of its two kinds
    SELECT e.participant_id, e.local_date, d.source, e.device_id, e.metric
    FROM epoch e JOIN device d USING (device_id)
    LEFT JOIN device_day y ON y.device_id = e.device_id AND y.local_date = e.local_date
    JOIN chosen c ON c.participant_id = e.participant_id AND c.local_date = e.local_date AND c.kind = 'minutes'
    WHERE e.metric IN ('zone_minutes', 'active_minutes')
    QUALIFY row_number() OVER (PARTITION BY e.participant_id, e.local_date
                               ORDER BY e.metric = 'zone_minutes' DESC, coalesce(y.rank, 1000),
                                        d.source, e.start_time) = 1
)
SELECT b.participant_id, b.local_date, b.source, e.start_time, e.start_time + INTERVAL 1 MINUTE AS end_time,
       max(e.value) AS intensity
FROM best b
JOIN epoch e ON e.participant_id = b.participant_id AND e.local_date = b.local_date AND e.metric = b.metric
JOIN device d ON d.device_id = e.device_id AND d.source = b.source
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE span AS
WITH counted AS (
    SELECT f.participant_id, f.local_date, f.start_time, f.end_time, f.cadence, d.source,
           f.is_spread AND d.device_class <> 'self_report' AS is_spread  -- what was typed in hides no pace
    FROM foot_span f
    JOIN chosen c ON c.participant_id = f.participant_id AND c.local_date = f.local_date
    JOIN device_day d ON d.device_id = f.device_id AND d.local_date = f.local_date
    LEFT JOIN minute_source m ON m.participant_id = f.participant_id AND m.local_date = f.local_date
                             AND m.minute = date_trunc('minute', f.end_time - INTERVAL 1 MILLISECOND)
    WHERE (c.kind = 'minutes' AND coalesce(m.rank, d.rank) = d.rank) OR (c.kind = 'alone' AND c.device_id = f.device_id)
),
walked AS (  -- a pace that some steps of the day hide is that of none
    SELECT * REPLACE (
               CASE WHEN NOT bool_or(is_spread) OVER (PARTITION BY participant_id, local_date) THEN cadence END
                   AS cadence),
           coalesce(is_impossible(cadence), FALSE) AS is_implausible
    FROM counted
)
SELECT w.participant_id, w.local_date, w.start_time, w.end_time, w.cadence, w.is_spread, w.is_implausible,
       CASE WHEN j.source IS NULL THEN intensity_at(w.cadence) END AS intensity
FROM walked w
LEFT JOIN (SELECT DISTINCT participant_id, local_date, source FROM judged_minute) j
    USING (participant_id, local_date, source)
UNION ALL
SELECT participant_id, local_date, start_time, end_time, NULL, FALSE, FALSE, intensity FROM judged_minute;
