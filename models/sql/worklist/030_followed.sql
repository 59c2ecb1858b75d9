-- Rule: R16.1
-- Grain: one row per infusion whose weeks run, or wait for files.
CREATE OR REPLACE TEMP VIEW followed AS
SELECT w.participant_id, w.infusion_id
FROM infusion_window w SEMI JOIN asked_person USING (participant_id) CROSS JOIN study s WHERE w.is_eligible
GROUP BY w.participant_id, w.infusion_id, s.as_of, s.grace_days
HAVING s.as_of > min(w.local_date) AND s.as_of <= max(w.local_date) + greatest(s.grace_days, 1);
