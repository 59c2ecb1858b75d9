-- The verdict with the quantities it was decided by. Parameters: goal, week.
SELECT n.*, d.case_key, d.counts_days, d.one, d.unit, d.is_prorated, d.can_see,
       d.seen_total, d.valid_total, d.target_n, d.target_d, d.bound_n, d.bound_d, d.reach_n, d.estimate_n,
       d.estimate_d, d.target_amount, d.valid_days AS days_valid, v.derivation, v.step_up, t.n_valid AS derived_from_days,
       a.anchor_policy
FROM goal_week_ruled d
JOIN goal_version v ON d.version_key = v.version_key
JOIN anchor a ON d.infusion_key = a.infusion_key
JOIN goal_week_now n ON n.goal_id = v.goal_id AND n.infusion_id = a.infusion_id AND n.week = d.week
LEFT JOIN derived_target t ON t.version_key = d.version_key
WHERE v.goal_id = $goal AND d.week = $week ORDER BY n.week_start
