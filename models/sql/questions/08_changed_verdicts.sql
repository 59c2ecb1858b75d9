-- Which verdicts changed, and why?
-- A row is a verdict that replaced another, oldest first. cause says what made the difference: late_data (a file that
-- came later), time_passed, goal_changed, correction, infusion_moved, settings_changed and so on. A change of value alone
-- (the status stays) is a row too. What people were told then is the row before: nothing is ever overwritten.
SELECT h.participant_id, h.goal_id, h.infusion_id, h.week, b.as_of AS as_of_before, b.status AS status_before,
       b.value AS value_before, h.as_of, h.status, h.value, h.reason, h.cause
FROM goal_week_history h JOIN goal_week_history b ON b.evaluation_id = h.supersedes
QUALIFY row_number() OVER (PARTITION BY h.supersedes ORDER BY h.input_fingerprint IS NULL) = 1  -- one without: it closes
ORDER BY h.evaluated_at, h.participant_id, h.goal_id, h.infusion_id, h.week;
