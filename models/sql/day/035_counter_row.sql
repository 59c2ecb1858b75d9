-- Rule: R6.2
-- Grain: one row per row of a device that writes totals since its midnight that stands, of touched days and their
-- neighbours.
CREATE OR REPLACE TEMP TABLE counter_row AS
SELECT r.* EXCLUDE (file_id, first_at, last_at)
FROM (
    SELECT r.* EXCLUDE (samples), unnest(r.samples, recursive := TRUE)
    FROM readings r
    SEMI JOIN near_day n ON n.participant_id = r.participant_id AND n.local_date = r.local_date
) r
ANTI JOIN superseded s
    ON s.file_id = r.file_id AND s.device_id = r.device_id AND s.metric = 'readings'
    AND r.end_time >= s.covers_from AND r.end_time < s.covers_to;
