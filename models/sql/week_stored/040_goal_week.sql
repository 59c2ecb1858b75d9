-- Rule: R12.2
-- Grain: one row per goal-week: what is judged now takes the place of what was, a locked one stays.
DELETE FROM goal_week
WHERE (goal_id, infusion_id, week) IN (SELECT (goal_id, infusion_id, week) FROM goal_week_before WHERE NOT is_locked);
INSERT INTO goal_week BY NAME
SELECT n.* EXCLUDE (
           first_eligible, last_eligible, waits_until, days_over, seen_days, success_days, unknown_days, longest_run,
           log_is_open, days_fingerprint_then),
       CASE WHEN t.turn IS NULL THEN b.evaluation_id
            WHEN n.reason IS DISTINCT FROM 'control_row_unusable' THEN getvariable('batch') || '-' || t.turn
       END AS evaluation_id,
       CASE WHEN t.turn IS NULL THEN b.evaluated_at ELSE getvariable('moment') END AS evaluated_at
FROM goal_week_now n
LEFT JOIN goal_week_turn t ON n.goal_id = t.goal_id AND n.infusion_id = t.infusion_id AND n.week = t.week
LEFT JOIN goal_week_before b ON n.goal_id = b.goal_id AND n.infusion_id = b.infusion_id AND n.week = b.week
WHERE NOT coalesce(t.is_locked, FALSE);
