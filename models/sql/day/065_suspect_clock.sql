-- Rule: a device whose clock was three hours or more off every zone that the person is known in (models/clock.py) may have
-- put anything on a wrong date. It keeps the dates of the day as the device counted it, and no day that such a device was
-- worn or moved on is valid (clock_suspect). A recorded activity by itself counts no day.
-- Grain: device x local_date that its clock is not believed on.
CREATE OR REPLACE TEMP TABLE suspect_clock AS
SELECT DISTINCT c.device_id, t.local_date
FROM suspect_day s
JOIN touched_day t ON t.participant_id = s.participant_id AND t.local_date = s.local_date
JOIN coverage c ON c.file_id = s.file_id AND c.metric <> 'session'
ANTI JOIN superseded x ON x.file_id = c.file_id AND x.device_id = c.device_id AND x.metric = c.metric
                      AND x.covers_from <= t.begins AND x.covers_to >= t.ends;
