-- Rule: R7.3
-- Grain: one row per device and local_date in doubt.
CREATE OR REPLACE TEMP TABLE doubted AS
SELECT DISTINCT c.device_id, q.local_date
FROM doubted_day q
JOIN touched_day t ON t.participant_id = q.participant_id AND t.local_date = q.local_date
JOIN (
    -- beats are replaced by nothing and tell nothing but wear: they stand for a file that has nothing else
    FROM coverage SEMI JOIN doubted_day USING (file_id)
    QUALIFY metric <> 'heart_rate'
         OR count(*) FILTER (metric <> 'heart_rate') OVER (PARTITION BY file_id, device_id) = 0
) c ON c.file_id = q.file_id
ANTI JOIN superseded s
    ON s.file_id = c.file_id AND s.device_id = c.device_id AND s.metric = c.metric
    AND s.covers_from <= if(c.metric LIKE 'total_%', t.local_date + INTERVAL 12 HOUR, t.begins)
    AND s.covers_to >= if(c.metric LIKE 'total_%', t.local_date + INTERVAL 12 HOUR, t.ends);
