-- Rule: R12.7, R14.3
-- Grain: one row per run.
SELECT * REPLACE (as_instant(started_at) AS started_at, as_instant(ended_at) AS ended_at)
FROM (FROM run UNION ALL BY NAME FROM this_run UNION ALL BY NAME FROM killed_run)
ORDER BY run_number, run_id
