-- Verdicts that a run gave anew: what stood before it, what stands after it, and why. Parameter: first, the number of
-- the first run asked about. A week that a run closed and judged again is one row.
SELECT a.run_id, a.participant_id, a.goal_id, a.infusion_id, a.week, b.status AS status_before,
       a.status AS status_after, b.value AS value_before, a.value AS value_after, a.cause
FROM goal_week_history a
JOIN run r USING (run_id)
LEFT JOIN goal_week_history b ON b.evaluation_id = a.supersedes
WHERE r.run_number >= $first
QUALIFY row_number() OVER (
    PARTITION BY a.run_id, a.goal_id, a.infusion_id, a.week ORDER BY a.input_fingerprint IS NULL) = 1
ORDER BY r.run_number, a.participant_id, a.goal_id, a.infusion_id, a.week
