SELECT * FROM kept_activity SEMI JOIN participant USING (participant_id)
ORDER BY participant_id, infusion_id, week
