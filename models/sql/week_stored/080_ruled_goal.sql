-- Rule: what the versions say that have now ruled a week for the first time. Grain: goal version.
INSERT INTO ruled_goal BY NAME
SELECT g.* EXCLUDE (set_on), getvariable('moment') AS ruled_at
FROM goal g
SEMI JOIN asked USING (participant_id)
SEMI JOIN (FROM goal_week WHERE status IN ('met', 'partly_met', 'missed')) USING (goal_id, version)
ANTI JOIN ruled_goal USING (goal_id, version)
WHERE getvariable('freezes');
