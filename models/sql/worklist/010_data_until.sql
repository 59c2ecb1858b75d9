-- Rule: R16.2
-- Grain: one row per participant: the last date of which anything is known, how far the files reach, and the export
-- that reaches furthest. A diary that says none tells of its days, too; a session at the clinic is nothing handed over.
CREATE OR REPLACE TEMP TABLE data_until AS  -- a table, for several ask it
WITH known AS (
    SELECT participant_id, max(local_date) AS data_until FROM (
        SELECT participant_id, local_date FROM daily_activity WHERE primary_source IS NOT NULL
        UNION ALL SELECT participant_id, covers_to FROM source_file WHERE status = 'loaded' AND connector = 'diary')
    GROUP BY participant_id),
handed AS (
    SELECT participant_id, max(covers_to) AS files_until,
           max({'until': covers_to, 'connector': connector}).connector AS connector
    FROM source_file WHERE status = 'loaded' AND connector <> 'diary' GROUP BY participant_id)
SELECT p.participant_id, k.data_until, h.files_until, h.connector
FROM participant p LEFT JOIN known k USING (participant_id) LEFT JOIN handed h USING (participant_id);
