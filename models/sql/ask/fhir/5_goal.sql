-- Goal-weeks: those that stand, and as they were last said those that are gone, which an earlier hand-over may hold:
-- `removed`, or `void` where the infusion did not happen after all. Parameters: who.
WITH happened AS (SELECT infusion_id FROM infusion WHERE status IN ('completed', 'stopped_early')),
gone AS (
    SELECT DISTINCT ON (goal_id, infusion_id, week) h.* REPLACE (
        CASE WHEN infusion_id IN (FROM happened) THEN 'removed' ELSE 'void' END AS status,
        CASE WHEN status = 'superseded' THEN reason END AS reason,
        NULL AS basis, NULL AS valid_days, NULL AS target_effective)
    FROM goal_week_history h
    ANTI JOIN (SELECT goal_id, infusion_id, week FROM goal_week WHERE kind IS NOT NULL)
        USING (goal_id, infusion_id, week)
    WHERE participant_id = $who AND kind IS NOT NULL
    ORDER BY goal_id, infusion_id, week, evaluated_at DESC, evaluation_id DESC
),
told AS (
    SELECT goal_id, version, participant_id, infusion_id, week, week_start, week_end, kind, metric, target,
           target_agreed, target_effective, per_day, status, reason, basis, eligible_days, valid_days, as_of
    FROM goal_week WHERE participant_id = $who AND kind IS NOT NULL
    UNION ALL BY NAME
    SELECT goal_id, version, participant_id, infusion_id, week, week_start, week_end, kind, metric, target,
           target_agreed, target_effective, per_day, status, reason, basis, eligible_days, valid_days, as_of
    FROM gone
)
SELECT t.* REPLACE (coalesce(t.per_day, g.per_day) AS per_day)
FROM told t LEFT JOIN goal g ON t.goal_id = g.goal_id AND t.version = g.version
ORDER BY t.goal_id, t.infusion_id, t.week
