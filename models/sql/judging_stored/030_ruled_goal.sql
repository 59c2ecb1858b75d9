-- Rule: R9.7
-- Grain: one row per goal version that has now ruled a week for the first time.
INSERT INTO ruled_goal BY NAME
SELECT goal_id, version, participant_id, infusion_id, from_week, to_week, kind, metric, targets, per_day, derivation,
       effective_from, correction, status, getvariable('moment') AS ruled_at
FROM goal g
SEMI JOIN asked USING (participant_id)
SEMI JOIN (FROM goal_week WHERE status IN ('met', 'partly_met', 'missed')) USING (goal_id, version)
ANTI JOIN ruled_goal USING (goal_id, version)
WHERE getvariable('freezes');
