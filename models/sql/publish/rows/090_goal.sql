-- Rule: R9.1
-- Grain: one row per goal and version.
SELECT goal_id, version, participant_id, infusion_id, from_week, to_week, kind, metric, targets, per_day, derivation,
       set_on, effective_from, coalesce(correction, FALSE) AS correction, status,
       set_by, cleared_by, cleared_on
FROM goal
ORDER BY participant_id, goal_id, version
