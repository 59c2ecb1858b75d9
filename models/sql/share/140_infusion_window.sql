-- Rule: R15.1, R15.2, R15.3
-- Grain: one row per infusion and study day.
CREATE TABLE rows.infusion_window AS
SELECT key_of('participant', w.participant_id) AS participant_key, key_of('infusion', w.infusion_id) AS infusion_key,
       w.local_date - f.first_on AS study_day, w.day_number, w.week, w.is_eligible,
       replace(w.why_not, 'date_skipped', 'other') AS why_not
FROM published.infusion_window w JOIN followed f USING (participant_id, infusion_id)
ORDER BY participant_key, infusion_key, study_day;
