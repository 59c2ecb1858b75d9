-- Rule: R2.4, R2.6, R2.10, R2.12, R5.9
-- Grain: one row per participant and local_date; device_totals: one row per device and local_date with minutes.
-- What else is known of a touched day: totals that the device keeps, steps of recorded sessions, the sources that were
-- used.
CREATE OR REPLACE TEMP TABLE device_totals AS
WITH increments AS (
    SELECT device_id, r.local_date, sum(moderate)::BIGINT AS moderate, sum(vigorous)::BIGINT AS vigorous
    FROM (
        SELECT device_id, participant_id, local_date, end_time, max(moderate_increment_min) AS moderate,
               max(vigorous_increment_min) AS vigorous
        FROM counter_row GROUP BY ALL
    ) r
    SEMI JOIN touched_day t ON t.participant_id = r.participant_id AND t.local_date = r.local_date
    GROUP BY ALL
),
totals AS (
    SELECT r.device_id, r.local_date, max(moderate_total_min) AS moderate, max(vigorous_total_min) AS vigorous
    FROM counter_row r
    SEMI JOIN touched_day t ON t.participant_id = r.participant_id AND t.local_date = r.local_date
    GROUP BY ALL
),
walked AS (
    SELECT device_id, local_date, max(steps) AS steps, max(active_ms) AS ms FROM counter
    WHERE activity_type = 6 AND active_ms > 0 GROUP BY ALL
)
SELECT d.participant_id, d.local_date, d.device_id, d.rank,
       CASE WHEN w.steps * 60000 <= 200 * w.ms THEN w.ms END AS walking_ms,
       coalesce(t.moderate, i.moderate) * 60000::BIGINT AS moderate_ms,
       coalesce(t.vigorous, i.vigorous) * 60000::BIGINT AS vigorous_ms
FROM device_day d
LEFT JOIN totals t USING (device_id, local_date)
LEFT JOIN increments i USING (device_id, local_date)
LEFT JOIN walked w USING (device_id, local_date)
WHERE d.has_minutes;

CREATE OR REPLACE TEMP TABLE day_facts AS
WITH device AS (
    SELECT participant_id, local_date, min_by(walking_ms, rank) FILTER (walking_ms IS NOT NULL) AS walking_ms,
           min_by(coalesce(moderate_ms, 0), rank)
               FILTER (moderate_ms IS NOT NULL OR vigorous_ms IS NOT NULL) AS moderate_ms,
           min_by(coalesce(vigorous_ms, 0), rank)
               FILTER (moderate_ms IS NOT NULL OR vigorous_ms IS NOT NULL) AS vigorous_ms
    FROM device_totals GROUP BY ALL
),
cadence AS (
    -- where some steps came in samples of more than a minute, the cadence of that day is not known
    SELECT participant_id, local_date, bool_or(cadence IS NOT NULL) AND NOT bool_or(is_spread) AS has_cadence,
           bool_or(is_implausible) AS has_implausible_minute
    FROM span GROUP BY ALL
),
beside AS (  -- totals that the source of the day's minutes keeps as well
    SELECT c.participant_id, c.local_date, max(d.walking_ms) AS walking_ms, max(d.moderate_ms) AS moderate_ms,
           max(d.vigorous_ms) AS vigorous_ms, max(d.mvpa_ms) AS mvpa_ms
    FROM chosen c
    JOIN device_day d ON d.participant_id = c.participant_id AND d.local_date = c.local_date AND d.source = c.source
    WHERE c.kind = 'minutes'
    GROUP BY ALL
),
judged AS (SELECT DISTINCT participant_id, local_date FROM judged_minute),
recorded AS (  -- never added over devices, nor over each other: of two that overlap the one with more steps counts
    SELECT participant_id, local_date, max(steps)::BIGINT AS steps
    FROM (
        SELECT s.participant_id, s.local_date, s.device_id, sum(s.steps) AS steps
        FROM session_current s JOIN touched_day t USING (participant_id, local_date)
        ANTI JOIN session_current o ON o.device_id = s.device_id AND o.local_date = s.local_date
            AND o.modality = 'sensed' AND o.start_time < s.end_time AND s.start_time < o.end_time
            AND (o.steps > s.steps OR (o.steps = s.steps AND o.session_id > s.session_id))
        WHERE s.modality = 'sensed' GROUP BY ALL
    )
    GROUP BY ALL
),
used AS (
    SELECT f.participant_id, f.local_date, d.source, min(d.rank) AS rank,
           bool_or(d.device_class = 'self_report') AS is_typed
    FROM foot_minute f
    JOIN device_day d ON d.device_id = f.device_id AND d.local_date = f.local_date
    JOIN chosen c ON c.participant_id = f.participant_id AND c.local_date = f.local_date AND c.kind = 'minutes'
    LEFT JOIN minute_source m ON m.participant_id = f.participant_id AND m.local_date = f.local_date
        AND m.minute = f.minute
    WHERE f.steps > 0 AND coalesce(m.rank, d.rank) = d.rank
    GROUP BY ALL
    UNION ALL
    SELECT c.participant_id, c.local_date, c.source, c.rank, FALSE FROM chosen c
    UNION ALL
    SELECT participant_id, local_date, source, if(source = 'attendance', 1001, 1000), FALSE FROM session_day
),
sources AS (
    SELECT participant_id, local_date, string_agg(source, ';' ORDER BY rank, source) AS sources,
           count(*) FILTER (rank < 1000) AS passive, bool_or(is_typed) AS is_typed
    FROM (
        SELECT participant_id, local_date, source, min(rank) AS rank, bool_or(is_typed) AS is_typed
        FROM used GROUP BY ALL
    )
    GROUP BY ALL
),
clock AS (
    SELECT participant_id, local_date, bool_or(is_suspect) AS is_suspect FROM device_day
    WHERE coalesce(wear_ms, 0) > 0 OR coalesce(steps, 0) > 0 GROUP BY ALL
),
logged AS (
    SELECT participant_id, local_date, TRUE AS is_logged FROM session_day
    UNION
    SELECT participant_id, local_date, TRUE FROM attestation
)
SELECT t.participant_id, t.local_date, coalesce(d.walking_ms, b.walking_ms) AS device_walking_ms,
       coalesce(d.moderate_ms, b.moderate_ms) AS moderate_ms, coalesce(d.vigorous_ms, b.vigorous_ms) AS vigorous_ms,
       b.mvpa_ms,
       coalesce(c.has_cadence, FALSE) AS has_cadence,
       coalesce(c.has_implausible_minute, FALSE) AS has_implausible_minute,
       j.participant_id IS NOT NULL AS has_judged_minutes, r.steps AS session_steps, s.sources,
       s.passive > 1 AS is_filled, coalesce(s.is_typed, FALSE) AS is_typed,
       coalesce(l.is_logged, FALSE) AS is_logged, coalesce(k.is_suspect, FALSE) AS is_clock_suspect
FROM touched_day t
LEFT JOIN device d USING (participant_id, local_date)
LEFT JOIN beside b USING (participant_id, local_date)
LEFT JOIN cadence c USING (participant_id, local_date)
LEFT JOIN judged j USING (participant_id, local_date)
LEFT JOIN recorded r USING (participant_id, local_date)
LEFT JOIN sources s USING (participant_id, local_date)
LEFT JOIN logged l USING (participant_id, local_date)
LEFT JOIN clock k USING (participant_id, local_date);
