-- Rule: R4.4, R4.5, R5.5, R5.6, R5.8, R7.3, R3.8
-- Grain: one row per participant, local_date and reading; `chosen`: one row per participant and local_date, the reading
-- that is taken.
-- `sure_ms`: the wear without the devices that are in doubt. `by_total`: a count wins over a badly worn watch.
-- `typed`: steps that a person typed in, which make no day valid.
CREATE OR REPLACE TEMP TABLE candidate AS
WITH merged_steps AS (
    SELECT f.participant_id, f.local_date, sum(f.steps)::BIGINT AS steps, count(DISTINCT f.device_id) AS devices,
           coalesce(sum(f.steps) FILTER (d.device_class = 'self_report'), 0)::BIGINT AS typed,
           coalesce(bool_or(f.minute < l.known_from), FALSE) AS is_late
    FROM foot_minute f
    JOIN device_day d ON d.device_id = f.device_id AND d.local_date = f.local_date
    LEFT JOIN late_start l ON l.device_id = f.device_id AND l.local_date = f.local_date
    LEFT JOIN minute_source m ON m.participant_id = f.participant_id AND m.local_date = f.local_date
        AND m.minute = f.minute
    WHERE f.steps > 0 AND coalesce(m.rank, d.rank) = d.rank
    GROUP BY ALL
),
merged_wear AS (
    SELECT participant_id, local_date,
           sum(greatest(0, epoch_ms(end_time) - epoch_ms(greatest(start_time, coalesce(reached, start_time)))))::BIGINT
               AS wear_ms
    FROM (
        SELECT *, max(end_time) OVER (PARTITION BY participant_id, local_date ORDER BY start_time, end_time
                                      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached
        FROM worn
    )
    GROUP BY ALL
),
merged AS (
    SELECT d.participant_id, d.local_date, NULL::INTEGER AS device_id, 'minutes' AS kind, min(rank) AS rank,
           min_by(coalesce(vendor_steps, -1), rank) AS figure,
           CASE WHEN figure >= 0 AND (coalesce(any_value(s.steps), 0) <= figure OR any_value(s.devices) = 1) THEN figure
                WHEN bool_or(has_minutes) THEN coalesce(any_value(s.steps), 0) END AS steps,
           coalesce(any_value(s.typed), 0) AS typed, any_value(w.wear_ms) AS wear_ms,
           if(bool_or(is_doubted), max(d.wear_ms) FILTER (NOT is_doubted), any_value(w.wear_ms)) AS sure_ms,
           bool_or(is_doubted) AS is_doubted,
           coalesce(min_by(wear_method, rank) FILTER (wear_method IS NOT NULL), 'none') AS wear_method,
           min_by(is_complete, rank) AS is_complete, coalesce(any_value(s.is_late), FALSE) AS is_late,
           min_by(d.source, rank) AS source, 'local' AS day_basis
    FROM device_day d
    LEFT JOIN merged_steps s USING (participant_id, local_date)
    LEFT JOIN merged_wear w USING (participant_id, local_date)
    WHERE has_minutes OR d.wear_ms > 0
    GROUP BY d.participant_id, d.local_date
),
reading AS (
    SELECT * EXCLUDE (figure) FROM merged
    UNION ALL
    SELECT participant_id, local_date, device_id, CASE WHEN has_minutes THEN 'alone' ELSE 'total' END, rank, steps,
           if(device_class = 'self_report', steps, 0), NULL, NULL, is_doubted, 'none', is_complete, is_late, source,
           coalesce(day_basis, 'local')
    FROM device_day WHERE wear_ms IS NULL
)
SELECT r.*,
       CASE WHEN is_implausible(steps) THEN 'implausible'
            WHEN steps IS NULL THEN 'insufficient_wear'
            WHEN wear_method = 'hr' AND sure_ms >= 36000000 THEN 'valid'
            WHEN wear_method = 'steps' AND sure_ms >= 36000000 AND steps - typed >= 100 THEN 'valid'
            WHEN wear_method = 'none' AND steps - typed >= 1000 AND is_complete AND NOT is_doubted AND (
                day_basis = 'local' OR abs(date_diff('minute', t.local_date::TIMESTAMP, t.begins)) <= 60) THEN 'valid'
            ELSE 'insufficient_wear' END AS day_state
FROM reading r JOIN touched_day t USING (participant_id, local_date);

CREATE OR REPLACE TEMP TABLE chosen AS
WITH best AS (
    SELECT *, first_value(kind) OVER w AS best_kind
    FROM candidate
    WINDOW w AS (PARTITION BY participant_id, local_date ORDER BY rank, kind = 'minutes' DESC)
    QUALIFY row_number() OVER (
        PARTITION BY participant_id, local_date
        ORDER BY day_state = 'valid' OR (day_state = 'implausible' AND kind = 'minutes') DESC, steps IS NULL, rank,
                 kind = 'minutes' DESC) = 1
)
SELECT b.* REPLACE (
           if(m.kind IS NULL, b.device_id, NULL) AS device_id, coalesce(m.kind, b.kind) AS kind,
           coalesce(m.rank, b.rank) AS rank, coalesce(m.steps, b.steps) AS steps,
           coalesce(m.source, b.source) AS source,
           coalesce(m.day_basis, b.day_basis) AS day_basis, coalesce(m.is_late, b.is_late) AS is_late),
       b.kind <> 'minutes' AND b.best_kind = 'minutes' AS by_total
FROM best b
LEFT JOIN candidate m
    ON m.participant_id = b.participant_id AND m.local_date = b.local_date AND m.kind = 'minutes' AND m.rank < b.rank
    AND b.kind = 'alone' AND m.steps > b.steps;
