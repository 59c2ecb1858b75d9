-- How many goal-weeks stood otherwise by the history than they are judged now.
SELECT count(*)
FROM (FROM verdict WHERE is_current) v FULL JOIN goal_week g USING (goal_id, infusion_id, week)
WHERE (v.status, v.reason, v.value) IS DISTINCT FROM (g.status, g.reason, g.value)
