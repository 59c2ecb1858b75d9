-- Goal-weeks.
SELECT w.participant_id, goal_id, w.infusion_id, week, week_start, week_end, w.kind, w.metric, target,
       target_effective, value, percent, w.status, reason, basis, eligible_days, valid_days, is_truncated,
       truncated_by, device_changed, target_reason, g.per_day, g.derivation, interval_low, interval_high
FROM goal_week w LEFT JOIN goal g USING (goal_id, version)
ORDER BY goal_id, week_start DESC, infusion_id
