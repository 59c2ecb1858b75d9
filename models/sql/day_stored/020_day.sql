-- Rule: R6.7
-- Grain: one row per touched day.
DELETE FROM day USING touched_day t WHERE day.participant_id = t.participant_id AND day.local_date = t.local_date;
INSERT INTO day BY NAME FROM resolved_day;
