-- Rule: R3.4
-- Grain: one row per device and local_date that its clock is not believed on.
-- models/clock.py finds such clocks. A recorded activity by itself counts no day.
CREATE OR REPLACE TEMP TABLE suspect_clock AS
SELECT DISTINCT c.device_id, t.local_date
FROM suspect_day s
JOIN touched_day t ON t.participant_id = s.participant_id AND t.local_date = s.local_date
JOIN coverage c ON c.file_id = s.file_id AND c.metric <> 'session'
ANTI JOIN superseded x ON x.file_id = c.file_id AND x.device_id = c.device_id AND x.metric = c.metric
                      AND x.covers_from <= t.begins AND x.covers_to >= t.ends;
