-- Rule: R6.2, R1.3, R5.7
-- Grain: one row per device, metric and minute that stands, of touched days and their neighbours. told_minute: a row
-- per file that tells of it.
-- Whatever is counted is wide from here on: nobody bounds what all files say of one day together.
CREATE OR REPLACE TEMP VIEW told_minute AS
WITH twice AS (  -- what begins before the one before it ends may tell of a minute that another row tells of, too
    SELECT DISTINCT device_id, metric, local_date, TRUE AS is_twice
    FROM (
        SELECT m.device_id, m.metric, m.local_date, m.first_at,
               max(m.last_at) OVER (PARTITION BY m.device_id, m.metric, m.local_date ORDER BY m.first_at
                                    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached
        FROM minutes m
        SEMI JOIN near_day n ON n.participant_id = m.participant_id AND n.local_date = m.local_date
    )
    WHERE first_at <= reached
)
SELECT m.participant_id, m.device_id, m.metric, m.start_time, m.local_date, m.value::BIGINT AS value, m.is_twice
FROM (
    SELECT m.* EXCLUDE (samples), t.is_twice IS NOT NULL AS is_twice, unnest(m.samples, recursive := TRUE)
    FROM minutes m
    SEMI JOIN near_day n ON n.participant_id = m.participant_id AND n.local_date = m.local_date
    ANTI JOIN other_route o
        ON o.file_id = m.file_id AND o.local_date = m.local_date AND m.metric IN ('steps', 'steps_spread')
    LEFT JOIN twice t ON t.device_id = m.device_id AND t.metric = m.metric AND t.local_date = m.local_date
) m
ANTI JOIN superseded s
    ON s.file_id = m.file_id AND s.device_id = m.device_id AND s.metric = replace(m.metric, '_spread', '')
    AND m.start_time >= s.covers_from AND m.start_time < s.covers_to;

CREATE OR REPLACE TEMP TABLE epoch AS
SELECT * EXCLUDE (is_twice) FROM told_minute WHERE NOT is_twice
UNION ALL
SELECT DISTINCT * EXCLUDE (is_twice) FROM told_minute WHERE is_twice;
