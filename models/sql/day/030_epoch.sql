-- Rule: R6.2, R1.3, R5.7
-- Grain: one row per device, metric and minute that stands, of touched days and their neighbours.
-- Whatever is counted is wide from here on: nobody bounds what all files say of one day together.
CREATE OR REPLACE TEMP TABLE epoch AS
SELECT DISTINCT m.participant_id, m.device_id, m.metric, m.start_time, m.local_date, m.value::BIGINT AS value
FROM (
    SELECT m.* EXCLUDE (samples), unnest(m.samples, recursive := TRUE)
    FROM minutes m
    SEMI JOIN near_day n ON n.participant_id = m.participant_id AND n.local_date = m.local_date
    ANTI JOIN other_route o
        ON o.file_id = m.file_id AND o.local_date = m.local_date AND m.metric IN ('steps', 'steps_spread')
) m
ANTI JOIN superseded s
    ON s.file_id = m.file_id AND s.device_id = m.device_id AND s.metric = replace(m.metric, '_spread', '')
    AND m.start_time >= s.covers_from AND m.start_time < s.covers_to;
