-- The goal-weeks that stand. Parameters: who, infusion; NULL: every one.
SELECT participant_id, infusion_id, goal_id, week, week_start, kind, metric, status, reason, value,
       target_effective, percent, basis, valid_days, eligible_days, as_of
FROM goal_week
WHERE ($who IS NULL OR participant_id = $who) AND ($infusion IS NULL OR infusion_id = $infusion)
ORDER BY participant_id, week_start, infusion_id, goal_id, week
