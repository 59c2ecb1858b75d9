-- Rule: R11.1, R10.12
-- Grain: one row per goal, infusion and week: the current verdict.
-- A row that was not judged again because nothing of its own changed stands as of the last judging like the others; a
-- frozen one as of the run that froze it; one that is held as of the last that judged it.
SELECT g.goal_id, g.version, g.participant_id, g.infusion_id, g.week, g.week_start, g.week_end, g.kind, g.metric,
       g.target, g.target_effective, g.value, g.percent, g.status, g.reason, g.basis, g.eligible_days,
       g.valid_days, g.is_truncated, g.truncated_by,
       CASE WHEN g.week_end < j.lock_date THEN g.as_of ELSE coalesce(l.as_of, o.as_of, j.as_of) END AS as_of,
       as_instant(g.evaluated_at) AS evaluated_at, g.device_changed, h.goal_id IS NOT NULL AS is_held,
       g.target_reason, g.per_day, g.baseline_value, g.baseline_days, g.baseline_as_of, g.target_agreed,
       g.interval_low, g.interval_high
FROM goal_week g CROSS JOIN judging j
LEFT JOIN judged_participant o ON g.participant_id = o.participant_id
LEFT JOIN judged_goal l ON g.goal_id = l.goal_id
LEFT JOIN held_goal h ON g.goal_id = h.goal_id
SEMI JOIN participant p ON g.participant_id = p.participant_id
ORDER BY participant_id, goal_id, infusion_id, week
