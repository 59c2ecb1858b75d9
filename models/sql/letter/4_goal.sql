-- Rule: R17.2, R9.4, R11.3, R11.4
-- Goals that were in force in some weeks, each with its days that count and are over: `amount` is what was seen of the
-- metric, `in_full` whether that was all of it. Parameters: who, infusions, weeks, as_of.
WITH asked AS (SELECT unnest($infusions::TEXT[]) AS infusion_id, unnest($weeks::INTEGER[]) AS week),
begun AS (
    SELECT goal_id, coalesce(
        min(CASE WHEN correction THEN effective_from ELSE greatest(effective_from, set_on) END), min(set_on)) AS begins
    FROM goal GROUP BY goal_id),
amount AS (
    UNPIVOT (
        SELECT participant_id, local_date, COLUMNS('^steps$|_minutes$')::DECIMAL(24, 6) AS '\0' FROM daily_activity
        WHERE participant_id IN (SELECT unnest($who::TEXT[]))
    ) ON COLUMNS(* EXCLUDE (participant_id, local_date)) INTO NAME metric VALUE amount),
agreed AS (
    SELECT w.*, g.per_day, g.derivation, is_logged_metric(w.metric) AS is_logged
    FROM goal_week w LEFT JOIN goal g USING (goal_id, version)
    JOIN asked a ON a.infusion_id = w.infusion_id AND a.week = w.week
    WHERE w.participant_id IN (SELECT unnest($who::TEXT[])) AND w.status <> 'superseded' AND w.kind IS NOT NULL
      AND w.reason IS DISTINCT FROM 'goal_not_in_force' AND w.reason IS DISTINCT FROM 'not_applicable')
SELECT a.participant_id, a.goal_id, a.infusion_id, a.week, a.kind, a.metric, a.target, a.target_effective, a.value,
       a.reason, a.eligible_days, a.valid_days, a.is_logged, a.per_day, a.derivation,
       list({
           'local_date': i.local_date,
           'amount': CASE WHEN a.is_logged THEN CASE WHEN k.logged_days > 0 THEN coalesce(m.amount, 0) END
                          WHEN d.day_state IN ('valid', 'insufficient_wear') THEN m.amount END,
           'in_full': CASE WHEN a.is_logged THEN k.logged_days > 0
                           ELSE d.day_state = 'valid' AND m.amount IS NOT NULL
                                AND (a.metric = 'steps' OR NOT contains(coalesce(d.flags, ''), 'morning_unseen')) END
       } ORDER BY i.local_date) FILTER (i.local_date IS NOT NULL) AS days
FROM agreed a
JOIN begun b USING (goal_id)
LEFT JOIN infusion_window i ON i.infusion_id = a.infusion_id AND i.week = a.week AND i.is_eligible
    AND i.local_date < $as_of AND i.local_date >= b.begins
LEFT JOIN daily_activity d ON d.participant_id = a.participant_id AND d.local_date = i.local_date
LEFT JOIN amount m ON m.participant_id = a.participant_id AND m.local_date = i.local_date AND m.metric = a.metric
LEFT JOIN weekly_activity k ON k.infusion_id = a.infusion_id AND k.week = a.week
GROUP BY ALL
ORDER BY a.participant_id, a.goal_id
