-- The seven days of the week, and what each gives to the goal. Parameters: goal, week.
SELECT c.case_key, w.local_date, w.day_number, w.local_date < getvariable('as_of') AS is_over,
       coalesce(w.why_not, CASE WHEN c.eligible_set & w.day_bit = 0 THEN 'goal_not_in_force' END) AS why_not,
       r.day_state, r.flags, r.wear_ms // 60000 AS wear_minutes, r.primary_source, g.amount, v.unit,
       v.is_logged_metric, g.has_entry, g.is_valid, g.is_seen, coalesce(g.is_success, FALSE) AS is_success
FROM week_case c
JOIN goal_version v ON c.version_key = v.version_key
JOIN infusion_window w ON c.week_key = w.week_key
LEFT JOIN goal_day g ON g.case_key = c.case_key AND g.day_bit = w.day_bit
LEFT JOIN day r ON r.participant_id = w.participant_id AND r.local_date = w.local_date
WHERE v.goal_id = $goal AND c.week = $week ORDER BY w.local_date
