-- Rule: R2.18
-- Grain: one row per touched day that is read by minutes.
DELETE FROM day_hours USING touched_day t
WHERE day_hours.participant_id = t.participant_id AND day_hours.local_date = t.local_date;
INSERT INTO day_hours BY NAME FROM resolved_hours;
