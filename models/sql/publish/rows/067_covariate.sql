-- Rule: R18.1
-- Grain: one row per participant or infusion, and name.
SELECT participant_id, infusion_id, name, value, number, date
FROM covariate SEMI JOIN participant USING (participant_id)
ORDER BY participant_id, infusion_id, name
