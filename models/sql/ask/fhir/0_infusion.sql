-- Infusions, and those that are gone from infusions.csv and had weeks, at their last date. Parameters: who.
SELECT participant_id, infusion_id, infused_on, status FROM infusion WHERE participant_id = $who
UNION ALL
SELECT participant_id, infusion_id, arg_max(week_start - 7 * (week - 1) - 1, evaluated_at), 'removed'
FROM goal_week_history ANTI JOIN infusion USING (infusion_id)
WHERE participant_id = $who GROUP BY participant_id, infusion_id
ORDER BY infused_on, infusion_id
