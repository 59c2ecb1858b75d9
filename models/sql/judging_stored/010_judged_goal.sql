-- Rule: R13.2
-- Grain: one row per goal that is held: how it was judged last, until it is judged again.
DELETE FROM judged_goal
WHERE goal_id NOT IN (SELECT goal_id FROM unusable WHERE stands)
  AND (participant_id IN (SELECT participant_id FROM asked)
       OR goal_id IN (SELECT goal_id FROM goal SEMI JOIN asked USING (participant_id)));  -- it may have gone over
INSERT INTO judged_goal
SELECT goal_id, participant_id, getvariable('judged_as_of'), getvariable('judged_code_version'),
       getvariable('judged_config_hash')
FROM unusable SEMI JOIN asked USING (participant_id)
WHERE stands AND getvariable('judged_code_version') IS NOT NULL AND goal_id NOT IN (SELECT goal_id FROM judged_goal);
