-- Rule: R16.1
-- Grain: one row per infusion and day that counts, is over, and was not seen well enough.
CREATE OR REPLACE TEMP VIEW unseen_day AS
SELECT w.participant_id, w.infusion_id, w.week, w.local_date
FROM infusion_window w CROSS JOIN study s LEFT JOIN daily_activity d USING (participant_id, local_date)
WHERE w.is_eligible AND w.local_date < s.as_of AND coalesce(d.day_state, 'no_data') IN ('no_data', 'insufficient_wear');
