-- Rule: R14.4
-- Grain: one row per participant, date and scale.
SELECT participant_id, date, scale, score
FROM outcome SEMI JOIN participant USING (participant_id)
ORDER BY participant_id, scale, date
