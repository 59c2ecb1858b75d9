-- Rule: R12.2, R12.3, R12.4
-- Grain: one row per goal-week that turns; a verdict that was replaced gets a closing row.
INSERT INTO verdict BY NAME
SELECT * EXCLUDE (turn, mark), getvariable('batch') || mark || turn AS evaluation_id, getvariable('as_of') AS as_of,
       getvariable('moment') AS evaluated_at, getvariable('code_version') AS code_version,
       getvariable('config_hash') AS config_hash, getvariable('run_id') AS run_id
FROM (
    SELECT t.turn, '-' AS mark, t.evaluation_before AS supersedes, t.cause, goal_id, infusion_id, week, n.version,
           n.participant_id, n.week_start, n.week_end, n.kind, n.metric, n.target, n.target_reason, n.target_effective,
           n.value, n.interval_low, n.interval_high,
           n.percent, n.status, n.reason, n.basis, n.eligible_days, n.valid_days, n.is_truncated, n.truncated_by,
           n.device_changed, n.infused_on, n.next_on, n.goal_fingerprint, TRUE AS is_current,
           n.per_day, n.baseline_value, n.baseline_days, n.baseline_as_of, n.target_agreed,
           md5(concat_ws('|', n.metric, n.eligible_set, n.days_fingerprint, n.device_changed)) AS input_fingerprint
    FROM goal_week_turn t JOIN goal_week_now n USING (goal_id, infusion_id, week)
    WHERE NOT t.is_locked AND n.reason IS DISTINCT FROM 'control_row_unusable'
    UNION ALL BY NAME
    SELECT t.turn, '-0-' AS mark, t.evaluation_before AS supersedes, t.cause, goal_id, infusion_id, week, b.version,
           b.participant_id, b.week_start, b.week_end, b.kind, b.metric, b.target, b.eligible_days, b.is_truncated,
           b.truncated_by, b.device_changed, b.infused_on, b.next_on, b.goal_fingerprint, 'superseded' AS status,
           b.per_day, b.baseline_value, b.baseline_days, b.baseline_as_of, b.target_agreed,
           t.cause AS reason, FALSE AS is_current
    FROM goal_week_turn t JOIN goal_week_before b USING (goal_id, infusion_id, week)
    WHERE NOT t.is_locked AND b.reason IS DISTINCT FROM 'control_row_unusable'
      AND (t.is_gone OR t.cause = 'correction' OR t.cause LIKE 'infusion_%')
);
UPDATE verdict SET is_current = FALSE
WHERE is_current AND evaluation_id IN (
    SELECT evaluation_before FROM goal_week_turn WHERE NOT is_locked AND NOT is_new);
