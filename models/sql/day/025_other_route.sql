-- Rule: R5.7
-- Grain: one row per file of Health Sync and local_date whose steps do not count: another file copied more of them.
CREATE OR REPLACE TEMP TABLE other_route AS
SELECT m.participant_id, m.file_id, m.local_date
FROM minutes m
JOIN device d ON d.device_id = m.device_id AND d.source = 'health_sync'
JOIN source_file f ON f.file_id = m.file_id AND f.status = 'loaded'
SEMI JOIN near_day n ON n.participant_id = m.participant_id AND n.local_date = m.local_date
WHERE m.metric IN ('steps', 'steps_spread')
GROUP BY m.participant_id, m.file_id, m.local_date, f.sha256
QUALIFY row_number() OVER (PARTITION BY m.participant_id, m.local_date
                           ORDER BY sum(list_sum([s.value FOR s IN m.samples])) DESC, f.sha256) > 1;
