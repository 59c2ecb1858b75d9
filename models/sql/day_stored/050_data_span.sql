-- Rule: R4.10
-- Grain: one row per participant with data and a touched day: from the first to the last day of them; there is no day outside.
CREATE OR REPLACE TEMP TABLE data_span AS
SELECT participant_id, min(local_date) AS first, max(local_date) AS last
FROM day SEMI JOIN touched_day USING (participant_id)
WHERE day_state <> 'no_data' OR is_logged GROUP BY participant_id;
DELETE FROM day
WHERE participant_id IN (SELECT participant_id FROM touched_day) AND NOT EXISTS (
    FROM data_span s WHERE s.participant_id = day.participant_id AND local_date BETWEEN first AND last);
DELETE FROM stale_day WHERE participant_id IN (
    SELECT participant_id FROM participant SEMI JOIN asked USING (participant_id));
INSERT INTO stale_day (participant_id, local_date)  -- those between that are no rows yet
SELECT participant_id, unnest(generate_series(first, last, INTERVAL 1 DAY))::DATE FROM data_span
EXCEPT SELECT participant_id, local_date FROM day SEMI JOIN data_span USING (participant_id);
