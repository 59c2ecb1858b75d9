-- Rule: what is known of the touched days today takes the place of what was. Grain: touched day.
DELETE FROM day USING touched_day t WHERE day.participant_id = t.participant_id AND day.local_date = t.local_date;
INSERT INTO day BY NAME FROM resolved_day;
