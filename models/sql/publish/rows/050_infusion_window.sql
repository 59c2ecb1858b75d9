-- Rule: R8.5
-- Grain: one row per infusion and local_date.
-- Of an infusion that went over to another person, that person's alone: who had it before may be held.
SELECT w.participant_id, w.infusion_id, w.local_date, w.day_number, w.week, w.is_eligible, w.why_not
FROM kept_window w SEMI JOIN participant p ON w.participant_id = p.participant_id
ANTI JOIN infusion AS i ON i.infusion_id = w.infusion_id AND i.participant_id <> w.participant_id
ORDER BY participant_id, infusion_id, local_date
