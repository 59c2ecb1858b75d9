-- Rule: R12.2, R12.3
-- Grain: one row per verdict ever given.
SELECT evaluation_id, goal_id, version, participant_id, infusion_id, week, week_start, week_end, kind, metric, target,
       target_effective, value, percent, status, reason, basis, eligible_days, valid_days, is_truncated,
       truncated_by, as_of, as_instant(evaluated_at) AS evaluated_at, device_changed, is_current, supersedes, cause,
       input_fingerprint, code_version, config_hash, run_id, target_reason,
       per_day, baseline_value, baseline_days, baseline_as_of, target_agreed,
       interval_low, interval_high
FROM verdict SEMI JOIN participant USING (participant_id)
ORDER BY evaluated_at, evaluation_id
