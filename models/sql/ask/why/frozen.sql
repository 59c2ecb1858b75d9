-- What was frozen of it by the lock. Parameters: goal, week.
SELECT g.infusion_id, g.status, g.reason, g.value, g.percent, g.as_of
FROM goal_week g, judging j WHERE g.week_end < j.lock_date AND g.goal_id = $goal AND g.week = $week
