-- Rule: R8.7
-- Grain: one row per infusion and post-infusion week.
-- Of an infusion that went over to another person, that person's alone: who had it before may be held.
SELECT * FROM kept_activity AS k SEMI JOIN participant USING (participant_id)
ANTI JOIN infusion AS i ON i.infusion_id = k.infusion_id AND i.participant_id <> k.participant_id
ORDER BY participant_id, infusion_id, week
