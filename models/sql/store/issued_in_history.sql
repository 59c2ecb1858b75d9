-- The targets that were issued, as far as the history of verdicts says it. Of two the later stands: a clock that was
-- ahead had issued the other.
SELECT goal_id, version, participant_id, infusion_id, week, week_start, target, target_reason AS reason,
       min(as_of) AS as_of, min(evaluated_at) AS issued_at
FROM verdict WHERE target_reason IS NOT NULL
GROUP BY goal_id, version, participant_id, infusion_id, week, week_start, target, target_reason
QUALIFY row_number() OVER (PARTITION BY goal_id, version, infusion_id, week, week_start
                           ORDER BY max(evaluated_at) DESC) = 1
