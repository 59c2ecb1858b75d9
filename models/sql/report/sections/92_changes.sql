-- Verdicts that turned within thirty days: a week that was judged, or is now; not those that are the first of their
-- week. Parameters: as_of.
SELECT a.participant_id, a.as_of AS changed_on, a.goal_id, a.infusion_id, a.week, b.status AS status_before,
       a.status AS status_after, b.value AS value_before, a.value AS value_after, a.cause,
       a.input_fingerprint IS NULL AS has_ended
FROM goal_week_history a JOIN goal_week_history b ON b.evaluation_id = a.supersedes
WHERE a.as_of > $as_of - 30 AND a.as_of <= $as_of
  AND NOT (a.status IN ('upcoming', 'in_progress', 'superseded') AND b.status IN ('upcoming', 'in_progress', 'superseded'))
QUALIFY row_number() OVER (
    PARTITION BY a.run_id, a.goal_id, a.infusion_id, a.week
    ORDER BY a.evaluated_at DESC, a.input_fingerprint IS NULL) = 1
ORDER BY changed_on DESC, goal_id, week DESC, infusion_id
