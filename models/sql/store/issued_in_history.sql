-- The targets that were issued, as far as the history of verdicts says it.
SELECT goal_id, version, participant_id, infusion_id, week, week_start, arg_min(target, evaluated_at) AS target,
       arg_min(target_reason, evaluated_at) AS reason, arg_min(as_of, evaluated_at) AS as_of,
       min(evaluated_at) AS issued_at
FROM verdict WHERE target_reason IS NOT NULL GROUP BY ALL
