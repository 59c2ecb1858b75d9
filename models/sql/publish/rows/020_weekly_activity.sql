-- Rule: R8.7
-- Grain: one row per infusion and post-infusion week.
SELECT * FROM kept_activity SEMI JOIN participant USING (participant_id)
ORDER BY participant_id, infusion_id, week
